// Analyses, their figures, and the reports that were made of them, as the API tells them.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, ask, newKey, selectedBusiness, usePages, type components } from '../../api';
import { minorDigits, type Format } from '../../ui';

export type Analysis = components['schemas']['Analysis'];
export type Sheet = components['schemas']['ReportSheet'];
export type Series = components['schemas']['ReportSeries'];
export type Unit = components['schemas']['ReportUnit'];
export type Report = components['schemas']['Report'];
export type Grouping = components['schemas']['ReportGrouping'];
export type FileFormat = 'pdf' | 'csv';

export const GROUPINGS: Grouping[] = ['day', 'week', 'month'];

/** What is asked for; days of the business. */
export interface Wish {
  analysis: string;
  from: string;
  to: string;
  grouping?: Grouping;
  location?: string;
  language: string;
}

export function useAnalyses(language: string) {
  return useQuery({
    queryKey: ['analyses', language],
    queryFn: () => ask(api.GET('/reports/analyses', { params: { query: { language } } })),
    staleTime: Infinity,
  });
}

export function useFigures(wish: Wish | undefined) {
  return useQuery({
    queryKey: ['figures', wish],
    queryFn: () => ask(api.GET('/reports/figures', { params: { query: wish! } })),
    enabled: !!wish,
    placeholderData: keepPreviousData,
  });
}

export function useReports(enabled: boolean) {
  return usePages<Report>(['reports', 'list'], (cursor) => ask(api.GET('/reports', { params: { query: { cursor, limit: 20 } } })), enabled);
}

/** Makes a report of what is shown. */
export function useMake() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wish: Wish) => ask(api.POST('/reports', { headers: { 'Idempotency-Key': newKey() }, body: wish })),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['reports'] }),
  });
}

export function useDelete() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask(api.DELETE('/reports/{id}', { params: { path: { id } } })),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['reports'] }),
  });
}

/** Where a file is. A link sends no headers: the business stands in the address. */
export function fileOf(report: { id: string }, format: FileFormat): string {
  const business = selectedBusiness();
  return `/api/v1/reports/${encodeURIComponent(report.id)}/file?format=${format}${business ? `&tenant=${encodeURIComponent(business)}` : ''}`;
}

export function download(address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = '';
  link.click();
}

/** As people read it. */
export function shown(format: Format, unit: Unit, value: number | null | undefined): string {
  if (value == null) return '–';
  switch (unit.kind) {
    case 'milliseconds':
      return `${format.number(value / 1000, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
    case 'money':
      return format.money(value, unit.currency);
    case 'micros':
      return format.number(value / 1_000_000, { style: 'currency', currency: unit.currency, maximumFractionDigits: 4 });
    default:
      return format.number(value);
  }
}

/** As a chart measures it. */
export function measured(unit: Unit, value: number | null | undefined): number | null {
  if (value == null) return null;
  switch (unit.kind) {
    case 'milliseconds':
      return value / 1000;
    case 'money':
      return value / 10 ** minorDigits(unit.currency);
    case 'micros':
      return value / 1_000_000;
    default:
      return value;
  }
}

/** What a chart measured, as people read it. */
export function readBack(format: Format, unit: Unit, value: number): string {
  switch (unit.kind) {
    case 'milliseconds':
      return shown(format, unit, value * 1000);
    case 'money':
      return shown(format, unit, Math.round(value * 10 ** minorDigits(unit.currency)));
    case 'micros':
      return shown(format, unit, Math.round(value * 1_000_000));
    default:
      return shown(format, unit, value);
  }
}

/** Figures that are measured alike stand in one chart. */
export function together(series: Series[]): { unit: Unit; series: Series[] }[] {
  const charts: { unit: Unit; series: Series[] }[] = [];
  for (const one of series) {
    const chart = charts.find((c) => JSON.stringify(c.unit) === JSON.stringify(one.unit));
    if (chart) chart.series.push(one);
    else charts.push({ unit: one.unit, series: [one] });
  }
  return charts;
}
