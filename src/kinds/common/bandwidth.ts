/** How the rate of a slow line is written. */
export const BANDWIDTH = /^([1-9]\d{0,8}|\d{1,9}\.\d{1,3}) ?(B|KB|MB)\/s$/;
