import { ActionIcon, Button, Textarea } from '@mantine/core'
import { type FormEvent, type KeyboardEvent, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { MessageView } from '../../../api/types'
import { explain } from '../../../base/errors'
import { timeOf } from '../../../base/format'
import { useValue } from '../../../base/react'
import { useMe } from '../../../me'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { Problem } from '../../../ui/Problem'
import { Waiting } from '../../../ui/Waiting'
import type { ChatModel } from './model'
import classes from './View.module.css'

export function Chat({ chat }: { chat: ChatModel }) {
  const { t } = useTranslation()
  const synced = useValue(chat.chat)
  return (
    <>
      <div className={classes.talk}>
        {synced.phase === 'loading' && <Waiting>{t('chat.loading')}</Waiting>}
        {synced.phase === 'failed' && <Problem error={synced.error} retry={() => chat.retry()} />}
        {synced.phase === 'ready' && (
          <Messages
            chat={chat}
            messages={synced.state.messages}
            earlier={synced.state.earlier !== null}
          />
        )}
      </div>
      <Say chat={chat} />
    </>
  )
}

function Messages(props: { chat: ChatModel; messages: readonly MessageView[]; earlier: boolean }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { chat, messages, earlier } = props
  const list = useFollowing(messages.at(-1)?.id)
  return (
    <div
      className={classes.scroll}
      ref={list}
      tabIndex={0}
      role="region"
      aria-label={t('chat.list')}
    >
      {earlier && (
        <Button variant="subtle" size="sm" onClick={() => void chat.readEarlier()}>
          {t('chat.earlier')}
        </Button>
      )}
      {messages.length === 0 && <p className={`sm muted ${classes.empty}`}>{t('chat.empty')}</p>}
      <ol className={messages.length > 0 ? classes.messages : undefined}>
        {messages.map((message) => {
          const mine = chat.isMine(message)
          return (
            <li
              key={message.id}
              className={mine ? classes.mine : undefined}
              data-message={message.id}
            >
              <p className={classes.who}>
                <b>{mine ? t('room.you') : message.author.name}</b>
                <time className="faint xs num" dateTime={message.sent_at}>
                  {timeOf(message.sent_at, zone)}
                </time>
              </p>
              <p className={classes.text}>{message.text}</p>
            </li>
          )
        })}
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

function Say({ chat }: { chat: ChatModel }) {
  const { t } = useTranslation()
  const { text, busy, error } = useValue(chat.draft)
  const send = (event: FormEvent) => {
    event.preventDefault()
    void chat.send()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void chat.send()
  }
  return (
    <form className={classes.say} onSubmit={send}>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <div className={classes.row}>
        <Textarea
          className="grow"
          aria-label={t('chat.write')}
          placeholder={t('chat.write')}
          value={text}
          rows={1}
          onChange={(event) => chat.type(event.currentTarget.value)}
          onKeyDown={press}
        />
        <ActionIcon
          type="submit"
          variant="filled"
          className="sb-btn"
          size="var(--sb-control)"
          disabled={busy}
          aria-label={t('chat.send')}
        >
          <Icon name="send" />
        </ActionIcon>
      </div>
    </form>
  )
}
