// Where the console begins.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ahead } from './ahead';
import { makeQueries } from './api/queries';
import { App } from './app';
import { startTexts } from './i18n';

const root = createRoot(document.getElementById('root')!);
const queries = makeQueries();
const texts = startTexts();
// Nothing is drawn twice: a sign that something is loading stays for a third of a second once it was shown.
void Promise.all([texts, ahead(queries, location.pathname, texts)]).then(() => root.render(<StrictMode><App queries={queries} /></StrictMode>));
