import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { ThreadView } from '../../api/types'
import { named } from '../../base/i18n'
import { useModel } from '../../base/react'
import { useMe } from '../../me'
import { useServices } from '../../services'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { ChatModel } from '../lesson/chat/model'
import { Chat } from '../lesson/chat/View'
import classes from './View.module.css'

/** The talks of one's courses, which go on between lessons. */
export default function Threads({ courseId }: { courseId?: string | undefined }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const heading = usePage(t('threads.title'))
  const [items, setItems] = useState<readonly ThreadView[] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let over = false
    setError(null)
    api.threads().then(
      (found) => !over && setItems(found.items),
      (no: unknown) => !over && setError(no),
    )
    return () => {
      over = true
    }
  }, [api, courseId, turn])
  const open = items?.find(({ course_id }) => course_id === courseId)
  return (
    <main id="main" className={classes.page} tabIndex={-1} data-open={open ? '' : undefined}>
      <section className={classes.list}>
        <h1 ref={heading} tabIndex={-1}>
          {t('threads.title')}
        </h1>
        {error !== null && <Problem error={error} retry={() => setTurn(turn + 1)} />}
        {!items && error === null && <Waiting>{t('threads.loading')}</Waiting>}
        {items?.length === 0 && <p className="muted">{t('threads.empty')}</p>}
        <ul>
          {items?.map((thread) => (
            <li key={thread.course_id}>
              <Link
                href={`/threads/${thread.course_id}`}
                aria-current={thread.course_id === courseId ? 'page' : undefined}
              >
                <b>{nameOf(thread)}</b>
                <span className="sm muted">{lastOf(thread) || t('threads.silent')}</span>
              </Link>
            </li>
          ))}
        </ul>
      </section>
      {open && <Talk key={open.course_id} thread={open} />}
    </main>
  )
}

function Talk({ thread }: { thread: ThreadView }) {
  const { t } = useTranslation()
  const { api, link } = useServices()
  const me = useMe()
  const { course_id } = thread
  const chat = useModel(
    (scope) => {
      link.use(scope)
      const made = new ChatModel(scope, api, link, '', me.id, (before) =>
        api.thread(course_id, before),
      )
      made.setOpen(true)
      return made
    },
    [api, link, course_id, me.id],
  )
  return (
    <section className={classes.talk} aria-label={nameOf(thread)}>
      <div className={classes.head}>
        <Link href="/threads" className={classes.back}>
          {t('threads.back')}
        </Link>
        <h1>{nameOf(thread)}</h1>
      </div>
      {chat && <Chat chat={chat} />}
    </section>
  )
}

function nameOf({ subject, group, title }: ThreadView): string {
  return subject ? `${named(subject)}, ${group}` : title
}

function lastOf({ last }: ThreadView): string {
  if (!last) return ''
  return `${last.author.name}: ${last.text || last.files.map(({ name }) => name).join(', ')}`
}
