// The parts that pages are made of.
export { ConfirmButton, useConfirm, type Question } from './confirm';
export { ChartCard } from './ChartCard';
export { CopyButton } from './CopyButton';
export { DataTable, More, type Column } from './DataTable';
export { Face } from './Face';
export { makeFormat, minorDigits, useFormat, type Format } from './format';
export { Json } from './Json';
export { PageBody } from './PageBody';
export { PageHeader, usePageTitle } from './PageHeader';
export { showInForm, useFailure, useProblemText } from './problems';
export { useShortcuts, type Shortcut } from './shortcuts';
export { EmptyState, ErrorState, LoadingPage, LoadingRows } from './states';
export { Money, Time } from './Time';
export { told, undoable } from './undo';
export { useChoices, type Choices } from './useChoices';
export { useNow } from './useNow';
export { shownAddress, shownName } from './who';
