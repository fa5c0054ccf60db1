/** The file that a first config is written to. */
export const CONFIG_FILE = 'shakedown.config.ts';
