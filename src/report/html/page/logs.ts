/** The colours of a log are put on when it is opened: most never are. */

/** @param log its text, beside which is written what looks how; one that is coloured already stays as it is */
function colour(log: HTMLElement): void {
  const { looks } = log.dataset;
  if (looks === undefined) return;
  delete log.dataset.looks;
  const text = log.textContent;
  const pieces: (string | Node)[] = [];
  let at = 0;
  for (const look of looks.split(' ')) {
    const [gap, length, names = ''] = look.split(',');
    const from = at + Number(gap);
    pieces.push(text.slice(at, from));
    at = from + Number(length);
    const piece = document.createElement('span');
    piece.className = names.replaceAll('.', ' ');
    piece.textContent = text.slice(from, at);
    pieces.push(piece);
  }
  log.replaceChildren(...pieces, text.slice(at));
}

/** Those in an element that has been opened, or is about to be. */
export function colourLogs(around: Element): void {
  for (const log of around.querySelectorAll<HTMLElement>(':scope > [data-looks]')) colour(log);
}

export function colourOpened(): void {
  // It does not bubble.
  addEventListener(
    'toggle',
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.open) colourLogs(target);
    },
    true,
  );
}
