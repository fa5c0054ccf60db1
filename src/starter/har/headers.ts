/** Which headers of a recorded request say something about it, rather than about the browser that sent it. */
import { templateNames } from '../../core/template.ts';
import { type Exchange, type Field, isJsonType } from './archive.ts';

/** Of the connection, the browser, its cache, and of tools that follow a request through a system. */
const LEFT =
  /^(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|expect|via|forwarded|cookie|user-agent|accept-(?:encoding|language|charset)|origin|referer|dnt|priority|pragma|cache-control|if-.+|range|upgrade-insecure-requests|save-data|device-memory|downlink|ect|rtt|dpr|viewport-width|width|http2-settings|alt-used|traceparent|tracestate|baggage|sentry-trace|newrelic|(?:x-)?(?:request|correlation)-id|(?:sec|proxy|x-forwarded|x-b3|x-datadog|x-newrelic|x-client-data|x-amzn-trace|x-cloud-trace)(?:-.*)?)$/i;

const NAME = /^[!#$%&'*+.^`|~\w-]+$/;
/** What a header can hold, less what would be filled in. */
const isFit = (value: string): boolean =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && templateNames(value).length === 0;

const isPlainJson = (type: string): boolean => /^application\/json(?:; *charset=utf-8)?$/i.test(type);

/** Conditions are left out, except for the one that protects what others have changed: it names a version. */
const isKept = (name: string, value: string): boolean =>
  NAME.test(name) && isFit(value) && (/^if-match$/i.test(name) || !LEFT.test(name));

/** The headers to repeat. What a body in JSON says about itself is not needed. */
export function keptHeaders({ headers, body }: Exchange): Field[] {
  const kept = headers.filter(
    ([name, value]) => isKept(name, value) && !(/^accept$/i.test(name) && value === '*/*'),
  );
  const isNamed = kept.some(([name]) => /^content-type$/i.test(name));
  const all: Field[] =
    body === null || body.type === '' || isNamed || !isFit(body.type)
      ? kept
      : [...kept, ['Content-Type', body.type]];
  return body === null
    ? all.filter(([name]) => !/^content-type$/i.test(name))
    : all.filter(
        ([name, value]) => !(/^content-type$/i.test(name) && isJsonType(value) && isPlainJson(value)),
      );
}
