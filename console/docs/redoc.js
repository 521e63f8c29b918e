// ReDoc over our own document. Its search runs in a worker made from a `blob:`, which our policy forbids.
const system = 'system-ui, sans-serif';
window.Redoc.init(
  '/api/v1/openapi.json',
  {
    disableSearch: true,
    hideDownloadButton: false,
    theme: { typography: { fontFamily: system, headings: { fontFamily: system } }, colors: { primary: { main: '#0c765e' } } },
  },
  document.getElementById('docs'),
);
