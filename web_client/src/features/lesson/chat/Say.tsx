import { ActionIcon, Checkbox, Textarea } from '@mantine/core'
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatRule } from '../../../api/types'
import { explain } from '../../../base/errors'
import { useValue } from '../../../base/react'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import type { ChatModel } from './model'
import classes from './View.module.css'

interface Props {
  chat: ChatModel
  rule: ChatRule
  leads: boolean
  place: string | undefined
}

/** Where one writes: to whom, as an answer to what, with which files. */
export function Say(props: Props) {
  const { t } = useTranslation()
  const { chat, rule, leads } = props
  const draft = useValue(chat.draft)
  const quiet = !useValue(chat.mayWrite) && !leads
  if (!leads && rule === 'leaders') return <p className={classes.closed}>{t('chat.closed')}</p>
  const aside = draft.aside || (!leads && rule === 'private') || quiet
  const send = () => void chat.send(aside)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send()
  }
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files]
    if (files.length === 0) return
    event.preventDefault()
    void chat.attach(files)
  }
  const name = t(aside ? (leads ? 'chat.writeTo' : 'chat.writeTeacher') : 'chat.write', {
    name: draft.to?.name ?? '',
  })
  return (
    <form className={classes.say} onSubmit={submit}>
      {draft.error !== null && <FieldError>{explain(draft.error)}</FieldError>}
      {quiet && (
        <p className={classes.closed} data-quiet>
          {t('chat.noRight')}
        </p>
      )}
      <Addressed {...props} rule={quiet ? 'private' : rule} />
      <Attached chat={chat} />
      <div className={classes.row}>
        <Attach chat={chat} />
        <Textarea
          className="grow"
          aria-label={name}
          placeholder={name}
          value={draft.text}
          rows={1}
          onChange={(event) => chat.type(event.currentTarget.value)}
          onKeyDown={press}
          onPaste={paste}
        />
        <ActionIcon
          type="submit"
          variant="filled"
          className="sb-btn"
          size="var(--sb-control)"
          disabled={draft.busy || draft.sending > 0}
          aria-label={t('chat.send')}
        >
          <Icon name="send" />
        </ActionIcon>
      </div>
    </form>
  )
}

function Addressed({ chat, rule, leads, place }: Props) {
  const { t } = useTranslation()
  const { reply, aside, to, toAll } = useValue(chat.draft)
  const drop = () => chat.address({ reply: null, ...(leads && { aside: false, to: null }) })
  return (
    <>
      {(reply || (leads && aside)) && (
        <p className={classes.reply}>
          <Icon name={aside ? 'lock' : 'reply'} size={16} />
          <span className="grow">
            {reply ? `${reply.author.name}: ${reply.text}` : t('chat.asideWith', { name: to?.name })}
          </span>
          <button type="button" aria-label={t('chat.drop')} onClick={drop}>
            <Icon name="x" size={16} />
          </button>
        </p>
      )}
      {!leads && place !== undefined && rule === 'all' && (
        <Checkbox
          size="sm"
          label={t('chat.onlyTeacher')}
          checked={aside}
          onChange={(event) => chat.address({ aside: event.currentTarget.checked })}
        />
      )}
      {leads && place !== undefined && place !== 'main' && (
        <Checkbox
          size="sm"
          label={t('chat.toAll')}
          checked={toAll}
          onChange={(event) => chat.address({ toAll: event.currentTarget.checked })}
        />
      )}
    </>
  )
}

function Attached({ chat }: { chat: ChatModel }) {
  const { t } = useTranslation()
  const { files, sending } = useValue(chat.draft)
  if (files.length === 0 && sending === 0) return null
  return (
    <ul className={classes.attached} aria-label={t('chat.attached')}>
      {files.map(({ id, name }) => (
        <li key={id}>
          <span>{name}</span>
          <button
            type="button"
            aria-label={t('chat.detach', { name })}
            onClick={() => chat.detach(id)}
          >
            <Icon name="x" size={16} />
          </button>
        </li>
      ))}
      {sending > 0 && <li role="status">{t('chat.attaching')}</li>}
    </ul>
  )
}

function Attach({ chat }: { chat: ChatModel }) {
  const { t } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-attach
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])]
          event.currentTarget.value = ''
          void chat.attach(files)
        }}
      />
      <ActionIcon
        variant="default"
        size="var(--sb-control)"
        aria-label={t('chat.attach')}
        onClick={() => input.current?.click()}
      >
        <Icon name="paperclip" />
      </ActionIcon>
    </>
  )
}
