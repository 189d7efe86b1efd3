import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FileView, MessageView } from '../../../api/types'
import { timeOf } from '../../../base/format'
import { useMe } from '../../../me'
import { Icon } from '../../../ui/Icon'
import { attempt } from '../room/attempt'
import type { ChatModel } from './model'
import { type Chat, REACTIONS } from './reducer'
import classes from './View.module.css'

export const PICTURES: Readonly<Record<string, string>> = {
  like: '👍',
  love: '❤️',
  laugh: '😄',
  wow: '😮',
  clap: '👏',
  question: '❓',
}

/** One message: who, to whom, as an answer to what, its files, and how others answered by a picture. */
export function Message(props: { chat: ChatModel; message: MessageView; state: Chat }) {
  const { t } = useTranslation()
  const { zone } = useMe()
  const { chat, message, state } = props
  const [open, setOpen] = useState(false)
  const mine = chat.isMine(message)
  const shape = [mine && classes.mine, message.private_with && classes.aside]
  return (
    <li className={shape.filter(Boolean).join(' ')} data-message={message.id}>
      <p className={classes.who}>
        <b>{mine ? t('room.you') : message.author.name}</b>
        <time className="faint xs num" dateTime={message.sent_at}>
          {timeOf(message.sent_at, zone)}
        </time>
        {!message.deleted && (
          <button
            type="button"
            className={classes.more}
            aria-expanded={open}
            aria-label={t('chat.deeds')}
            onClick={() => setOpen(!open)}
          >
            <Icon name="ellipsis" size={18} />
          </button>
        )}
      </p>
      <Tags message={message} leads={state.leads} />
      {message.reply_to && <Quote chat={chat} id={message.reply_to} state={state} />}
      {message.deleted ? (
        <p className={`muted ${classes.text}`}>{t('chat.deleted')}</p>
      ) : (
        message.text && <p className={classes.text}>{message.text}</p>
      )}
      {message.files.length > 0 && (
        <ul className={classes.files}>
          {message.files.map((file) => (
            <li key={file.id}>
              <OneFile chat={chat} file={file} />
            </li>
          ))}
        </ul>
      )}
      <Pictures chat={chat} message={message} />
      {open && <Deeds {...props} close={() => setOpen(false)} />}
    </li>
  )
}

function Tags({ message, leads }: { message: MessageView; leads: boolean }) {
  const { t } = useTranslation()
  const { private_with: learner } = message
  if (!learner && !message.to_all) return null
  const name = learner?.name ?? ''
  return (
    <p className={classes.tag}>
      <Icon name={learner ? 'lock' : 'users'} size={14} />
      {t(!learner ? 'chat.toAll' : leads ? 'chat.asideWith' : 'chat.aside', { name })}
    </p>
  )
}

function Quote({ chat, id, state }: { chat: ChatModel; id: string; state: Chat }) {
  const { t } = useTranslation()
  const answered = state.messages.find((one) => one.id === id)
  return (
    <p className={classes.quote}>
      {answered && <b>{chat.isMine(answered) ? t('room.you') : answered.author.name}: </b>}
      {!answered
        ? t('chat.older')
        : answered.deleted
          ? t('chat.deleted')
          : answered.text || answered.files.map(({ name }) => name).join(', ')}
    </p>
  )
}

export function OneFile({ chat, file }: { chat: ChatModel; file: FileView }) {
  const { t } = useTranslation()
  const size = sizeOf(file.bytes)
  const open = async () => {
    // The window is opened by the tap itself: one that waits for an answer first is held back.
    const page = window.open('about:blank', '_blank')
    const done = await attempt(
      chat.fileUrl(file.id).then((url) => {
        if (page) page.location.replace(url)
        else location.assign(url)
      }),
    )
    if (!done) page?.close()
  }
  return (
    <button type="button" className={classes.file} onClick={() => void open()}>
      <Icon name={file.type.startsWith('image/') ? 'eye' : 'download'} size={18} />
      <span>{file.name}</span>
      <span className="faint xs num">{t(`chat.size.${size.unit}`, { count: size.count })}</span>
    </button>
  )
}

function Pictures({ chat, message }: { chat: ChatModel; message: MessageView }) {
  const { t } = useTranslation()
  if (message.reactions.length === 0) return null
  return (
    <ul className={classes.pictures} aria-label={t('chat.reactions')}>
      {message.reactions.map(({ kind, count, mine }) => (
        <li key={kind}>
          <button
            type="button"
            aria-pressed={mine}
            aria-label={`${t(`chat.reaction.${kind}`)}: ${count}`}
            data-reaction={kind}
            onClick={() => void attempt(chat.react(message, kind))}
          >
            <span aria-hidden="true">{PICTURES[kind]}</span> {count}
          </button>
        </li>
      ))}
    </ul>
  )
}

function Deeds(props: { chat: ChatModel; message: MessageView; state: Chat; close: () => void }) {
  const { t } = useTranslation()
  const { chat, message, state, close } = props
  const { author, private_with: learner } = message
  const does = (act: () => void) => () => {
    close()
    act()
  }
  const reply = () =>
    chat.address({
      reply: message,
      aside: learner !== null,
      to: learner && state.leads ? learner : null,
      toAll: false,
    })
  const aside = () => chat.address({ reply: null, aside: true, to: author, toAll: false })
  return (
    <div className={classes.deeds}>
      {!learner &&
        REACTIONS.map((kind) => (
          <button
            key={kind}
            type="button"
            title={t(`chat.reaction.${kind}`)}
            aria-label={t(`chat.reaction.${kind}`)}
            data-react={kind}
            onClick={does(() => void attempt(chat.react(message, kind)))}
          >
            <span aria-hidden="true">{PICTURES[kind]}</span>
          </button>
        ))}
      <button type="button" onClick={does(reply)}>
        <Icon name="reply" size={16} />
        {t('chat.reply')}
      </button>
      {state.leads && !chat.isMine(message) && !learner && (
        <button type="button" onClick={does(aside)}>
          <Icon name="lock" size={16} />
          {t('chat.writeAside')}
        </button>
      )}
      {(state.leads || chat.isMine(message)) && (
        <button type="button" onClick={does(() => void attempt(chat.takeBack(message)))}>
          <Icon name="trash" size={16} />
          {t('chat.takeBack')}
        </button>
      )}
    </div>
  )
}

/** Bytes as people say them. */
export function sizeOf(bytes: number): { unit: 'kb' | 'mb'; count: number } {
  const kb = Math.max(1, Math.round(bytes / 1024))
  return kb < 1000 ? { unit: 'kb', count: kb } : { unit: 'mb', count: Math.round(kb / 102.4) / 10 }
}
