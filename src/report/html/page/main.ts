/** What the page does where scripts run. Without them all of its text can be read. */
import { markPlace } from './place.ts';

markPlace();
