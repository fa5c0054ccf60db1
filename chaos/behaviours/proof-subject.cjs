// The module that a proof breaks.
exports.answer = () => 42;
