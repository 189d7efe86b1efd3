import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatRule } from '../../../api/types'
import { useValue } from '../../../base/react'
import { Problem } from '../../../ui/Problem'
import { Waiting } from '../../../ui/Waiting'
import { attempt } from '../room/attempt'
import { Message } from './Message'
import type { ChatModel } from './model'
import type { Chat as State } from './reducer'
import { Say } from './Say'
import classes from './View.module.css'

const RULES: readonly ChatRule[] = ['all', 'private', 'leaders']

/** `place`: the breakout one is in; undefined where all are read. */
export function Chat({ chat, place }: { chat: ChatModel; place?: string | undefined }) {
  const { t } = useTranslation()
  const synced = useValue(chat.chat)
  const state = synced.phase === 'ready' ? synced.state : null
  return (
    <>
      {state?.leads && place !== undefined && <Rule chat={chat} rule={state.rule} />}
      <div className={classes.talk}>
        {synced.phase === 'loading' && <Waiting>{t('chat.loading')}</Waiting>}
        {synced.phase === 'failed' && <Problem error={synced.error} retry={() => chat.retry()} />}
        {state && <Messages chat={chat} state={state} place={place} />}
      </div>
      {state && <Say chat={chat} rule={state.rule} leads={state.leads} place={place} />}
    </>
  )
}

/** Who may write, in the hands of who leads. */
function Rule({ chat, rule }: { chat: ChatModel; rule: ChatRule }) {
  const { t } = useTranslation()
  return (
    <label className={classes.rule}>
      <span>{t('chat.rule.title')}</span>
      <select
        value={rule}
        onChange={(event) => void attempt(chat.setRule(event.currentTarget.value as ChatRule))}
      >
        {RULES.map((one) => (
          <option key={one} value={one}>
            {t(`chat.rule.${one}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

function Messages(props: { chat: ChatModel; state: State; place: string | undefined }) {
  const { t } = useTranslation()
  const { chat, state, place } = props
  const shown = state.messages.filter(
    (one) => place === undefined || one.to_all || one.private_with || (one.place ?? 'main') === place,
  )
  const list = useFollowing(shown.at(-1)?.id)
  return (
    <div
      className={classes.scroll}
      ref={list}
      tabIndex={0}
      role="region"
      aria-label={t('chat.list')}
    >
      {state.earlier !== null && (
        <Button variant="subtle" size="sm" onClick={() => void chat.readEarlier()}>
          {t('chat.earlier')}
        </Button>
      )}
      {shown.length === 0 && <p className={`sm muted ${classes.empty}`}>{t('chat.empty')}</p>}
      <ol className={shown.length > 0 ? classes.messages : undefined}>
        {shown.map((message) => (
          <Message key={message.id} chat={chat} message={message} state={state} />
        ))}
      </ol>
    </div>
  )
}

/** Scrolls to a new message unless one has scrolled up to read. */
function useFollowing(newest: string | undefined) {
  const list = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  useEffect(() => {
    const element = list.current!
    const note = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80
    }
    element.addEventListener('scroll', note)
    return () => element.removeEventListener('scroll', note)
  }, [])
  useEffect(() => {
    const element = list.current!
    if (atEnd.current) element.scrollTop = element.scrollHeight
  }, [newest])
  return list
}
