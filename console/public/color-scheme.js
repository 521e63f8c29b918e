// Runs before the first paint, so that a dark screen does not flash white. The key is that of the console's theme.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('frontdesk.scheme');
  } catch (e) {
    // Storage is closed to us: follow the system.
  }
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  document.documentElement.style.backgroundColor = dark ? '#101818' : '#fbfaf6';
})();
