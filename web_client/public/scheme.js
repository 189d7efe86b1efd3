// Before the first drawing: the theme and the language kept in this browser, so nothing flashes.
(function () {
  var scheme = null
  var language = null
  try {
    scheme = localStorage.getItem('mantine-color-scheme-value')
    language = localStorage.getItem('sabaq.language')
  } catch (_) {
    // Storage may be forbidden; then the system's theme applies.
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  }
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
  if (language) document.documentElement.lang = language
})()
