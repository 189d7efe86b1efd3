// Part of the service worker (vite.config.ts imports it there). A push brings no word with it: the worker asks our own
// server what there is, and where it cannot, says a general sentence in the language that was kept.
;(function () {
  var SHELF = 'sabaq-push'
  var STATE = '/push-state'
  var WORDS = {
    kk: {
      lesson_soon: 'Сабақ сағат {time} басталады',
      consultation_booked: 'Кеңесіңізге жазылды: {day}, {time}',
      consultation_given_back: 'Кеңесіңізден бас тартылды: {day}, {time}',
      consultation_off: 'Кеңес өтпейді: {day}, {time}',
      lesson: 'Сабақ',
      news: 'Жаңалық бар. Көру үшін Sabaq бетін ашыңыз.',
    },
    ru: {
      lesson_soon: 'Урок начнётся в {time}',
      consultation_booked: 'На вашу консультацию записались: {day}, {time}',
      consultation_given_back: 'От вашей консультации отказались: {day}, {time}',
      consultation_off: 'Консультация не состоится: {day}, {time}',
      lesson: 'Урок',
      news: 'Есть новость. Откройте Sabaq, чтобы прочитать.',
    },
    en: {
      lesson_soon: 'A lesson begins at {time}',
      consultation_booked: 'Your consultation was booked: {day}, {time}',
      consultation_given_back: 'A place in your consultation was given back: {day}, {time}',
      consultation_off: 'The consultation was called off: {day}, {time}',
      lesson: 'Lesson',
      news: 'There is news. Open Sabaq to read it.',
    },
  }

  self.addEventListener('push', function (event) {
    event.waitUntil(woken())
  })

  self.addEventListener('notificationclick', function (event) {
    event.notification.close()
    event.waitUntil(open(event.notification.data.path))
  })

  async function woken() {
    var kept = await read()
    var told = await ask()
    var language = told ? told.language : kept.language
    if (!WORDS[language]) language = 'kk'
    var items = told ? told.items : []
    var fresh = items.filter(function (one) {
      return !kept.seen || one.made > kept.seen
    })
    // A browser that is woken must show something: what it showed last stands in its place again.
    var shown = fresh.length ? fresh : items.slice(-1)
    for (var one of shown) await show(sentence(one, language), language)
    if (!shown.length) await show({ title: 'Sabaq', body: WORDS[language].news, tag: 'news', path: '/' }, language)
    if (told) await keep({ language: language, seen: fresh.length ? fresh[fresh.length - 1].made : kept.seen })
  }

  async function ask() {
    try {
      var answer = await fetch('/api/me/notices', {
        credentials: 'same-origin',
        headers: { Accept: 'application/json' },
        cache: 'no-store',
      })
      return answer.ok ? await answer.json() : null
    } catch (_) {
      return null // no network, or the server is away
    }
  }

  function sentence(one, language) {
    var words = WORDS[language]
    var at = new Date(one.starts_at)
    var zone = { timeZone: one.zone }
    var place = language === 'en' ? 'en-GB' : language === 'ru' ? 'ru-RU' : 'kk-KZ'
    var time = at.toLocaleTimeString(place, Object.assign({ hour: '2-digit', minute: '2-digit' }, zone))
    var day = at.toLocaleDateString(place, Object.assign({ day: '2-digit', month: '2-digit' }, zone))
    var name = [one.subject ? one.subject[language] : '', one.title].filter(Boolean).join(' · ')
    return {
      title: (words[one.kind] || words.news).replace('{time}', time).replace('{day}', day),
      body: name || words.lesson,
      tag: one.kind + ':' + one.lesson_id,
      path: one.kind === 'lesson_soon' ? '/lessons/' + one.lesson_id : '/consultations',
    }
  }

  function show(told, language) {
    return self.registration.showNotification(told.title, {
      body: told.body,
      tag: told.tag,
      lang: language,
      icon: '/icon-192.png',
      data: { path: told.path },
    })
  }

  async function open(path) {
    var pages = await self.clients.matchAll({ type: 'window' })
    for (var page of pages) {
      if (new URL(page.url).pathname === path) return page.focus()
    }
    return self.clients.openWindow(path)
  }

  async function read() {
    try {
      var found = await (await caches.open(SHELF)).match(STATE)
      return found ? await found.json() : {}
    } catch (_) {
      return {}
    }
  }

  async function keep(state) {
    try {
      await (await caches.open(SHELF)).put(STATE, new Response(JSON.stringify(state)))
    } catch (_) {
      // Storage may be full or forbidden: the next push shows what is known again.
    }
  }
})()
