// Times, money and numbers in the business's zone and the reader's language.
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useMaybeSession } from '../api/session';

export type When = string | number | Date;

export interface Format {
  zone: string;
  language: string;
  date: (at: When) => string;
  time: (at: When) => string;
  dateTime: (at: When) => string;
  /** With weekday, year and zone: for titles and screen readers. */
  full: (at: When) => string;
  /** As short as it can be understood: today a time, this week a weekday, else a date. */
  short: (at: When, now?: When) => string;
  weekday: (at: When) => string;
  /** "in 3 hours", "2 days ago" */
  relative: (at: When, now?: When) => string;
  /** The day in the business's zone, as `2026-11-25`. */
  dayKey: (at: When) => string;
  number: (value: number, options?: Intl.NumberFormatOptions) => string;
  /** From minor units: 1250 is 12.50. */
  money: (minor: number, currency?: string) => string;
  list: (parts: string[]) => string;
  bytes: (count: number) => string;
}

export function makeFormat(language: string, zone: string, currency: string): Format {
  const formatter = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
  const date = formatter({ day: 'numeric', month: 'short', year: 'numeric' });
  const thisYear = formatter({ day: 'numeric', month: 'short' });
  const time = formatter({ hour: 'numeric', minute: '2-digit' });
  const dateTime = formatter({ day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });
  const full = formatter({ dateStyle: 'full', timeStyle: 'long' });
  const weekday = formatter({ weekday: 'long' });
  const shortWeekday = formatter({ weekday: 'short' });
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const key = (at: When) => day.format(new Date(at));
  return {
    zone,
    language,
    date: (at) => date.format(new Date(at)),
    time: (at) => time.format(new Date(at)),
    dateTime: (at) => dateTime.format(new Date(at)),
    full: (at) => full.format(new Date(at)),
    weekday: (at) => weekday.format(new Date(at)),
    dayKey: key,
    short: (at, now = Date.now()) => {
      const [then, today] = [key(at), key(now)];
      if (then === today) return time.format(new Date(at));
      const days = (Date.parse(today) - Date.parse(then)) / 86_400_000;
      if (days > 0 && days < 7) return shortWeekday.format(new Date(at));
      return (then.slice(0, 4) === today.slice(0, 4) ? thisYear : date).format(new Date(at));
    },
    relative: (at, now = Date.now()) => {
      const seconds = (new Date(at).getTime() - new Date(now).getTime()) / 1000;
      for (const [unit, size] of UNITS) {
        if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
      }
      return relative.format(Math.trunc(seconds), 'second');
    },
    number: (value, options) => new Intl.NumberFormat(language, options).format(value),
    money: (minor, of = currency) => money(language, minor, of),
    list: (parts) => new Intl.ListFormat(language).format(parts),
    bytes: (count) => bytes(language, count),
  };
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const WITHOUT_MINOR = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const WITH_THOUSANDTHS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');

/** Digits after the point as the server counts them (ISO 4217). A browser's own habit is another: it shows pesos without cents. */
export function minorDigits(currency: string): number {
  return WITHOUT_MINOR.includes(currency) ? 0 : WITH_THOUSANDTHS.includes(currency) ? 3 : 2;
}

function money(language: string, minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const value = minor / 10 ** digits;
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency, ...(Number.isInteger(value) ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits }) }).format(value);
  } catch {
    // A currency that is no ISO code is shown as it is.
    return `${new Intl.NumberFormat(language, { minimumFractionDigits: 2 }).format(minor / 100)} ${currency}`;
  }
}

function bytes(language: string, count: number): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(steps.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  const style = { style: 'unit', unit: steps[step], unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language, style).format(count / 1000 ** step);
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  const present = useMaybeSession();
  const zone = present?.business?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const currency = present?.business?.currency ?? 'EUR';
  // The reader's own habits within the language: en-GB writes 14:30 where en-US writes 2:30 PM.
  const language = navigator.languages.find((tag) => tag.split('-')[0] === i18n.language) ?? i18n.language;
  return useMemo(() => makeFormat(language, zone, currency), [language, zone, currency]);
}
