// Where the console begins.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app';
import { startTexts } from './i18n';

const root = createRoot(document.getElementById('root')!);
void startTexts().then(() => root.render(<StrictMode><App /></StrictMode>));
