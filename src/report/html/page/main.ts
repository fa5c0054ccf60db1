/** What the page does where scripts run. Without them all of its text can be read. */
import { openGrids } from './grids.ts';
import { colourOpened } from './logs.ts';
import { markPlace, openTargets } from './place.ts';
import { offerSearch } from './search.ts';
import { openTimeline } from './timeline.ts';

markPlace();
openTargets();
colourOpened();
offerSearch();
openTimeline();
openGrids();
