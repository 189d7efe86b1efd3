import { Button, TextInput } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RecordingView } from '../../api/types'
import { stopwatch } from '../../base/format'
import { usePart } from '../../base/react'
import { Icon } from '../../ui/Icon'
import { chapterAt } from './chapters'
import type { Playback } from './model'
import { search } from './search'
import { save } from './save'
import classes from './Side.module.css'
import { webVtt } from './vtt'
import { titleOf } from './words'

const TABS = ['contents', 'chat', 'captions'] as const
type Tab = (typeof TABS)[number]

/** What was shown, written and said, to look through and to jump to. */
export function Side({ recording, playback }: { recording: RecordingView; playback: Playback }) {
  const { t } = useTranslation()
  const [tab, setTab] = useState<Tab>('contents')
  const [typed, setTyped] = useState('')
  const found = search(playback.story, typed)
  return (
    <aside className={classes.side} aria-label={t('playback.beside')}>
      <div className={classes.search} role="search">
        <TextInput
          type="search"
          aria-label={t('playback.search')}
          placeholder={t('playback.search')}
          leftSection={<Icon name="search" size={18} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      {typed.trim() ? (
        <Panel label={t('playback.search')}>
          <p className="muted sm" role="status">
            {t('playback.found', { count: found.length })}
          </p>
          <ol>
            {found.map(({ at, kind, name, text }, place) => (
              <Row key={`${kind}${at}${place}`} at={at} name={name} jump={() => playback.jump(at)}>
                {text}
              </Row>
            ))}
          </ol>
        </Panel>
      ) : (
        <>
          <Tabs tab={tab} choose={setTab} />
          <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`} className={classes.body}>
            {tab === 'contents' && <Contents playback={playback} />}
            {tab === 'chat' && <Chat playback={playback} />}
            {tab === 'captions' && <Captions recording={recording} playback={playback} />}
          </div>
        </>
      )}
    </aside>
  )
}

function Tabs({ tab, choose }: { tab: Tab; choose: (tab: Tab) => void }) {
  const { t } = useTranslation()
  const home = useRef<HTMLDivElement>(null)
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const next = TABS.at((TABS.indexOf(tab) + step) % TABS.length)!
    choose(next)
    home.current?.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }
  return (
    <div className={classes.tabs} role="tablist" ref={home} onKeyDown={move}>
      {TABS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={tab === name}
          aria-controls={tab === name ? `panel-${name}` : undefined}
          tabIndex={tab === name ? 0 : -1}
          onClick={() => choose(name)}
        >
          {t(`playback.tab.${name}`)}
        </button>
      ))}
    </div>
  )
}

function Contents({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const { chapters, story } = playback
  const now = usePart(playback.at, (at) => chapterAt(chapters, at))
  const hands = story.of('hand').filter(({ body }) => body.raised !== false)
  const rows = [
    ...chapters.map((chapter, place) => ({ at: chapter.at, text: titleOf(chapter, t), now: place === now, hand: false })),
    ...hands.map(({ at_s, body }) => ({
      at: at_s,
      text: t('playback.raised', { name: body.name ?? story.nameOf(String(body.participant_id)) }),
      now: false,
      hand: true,
    })),
  ].sort((a, b) => a.at - b.at)
  return (
    <Panel label={t('playback.tab.contents')}>
      <ol>
        {rows.map((row) => (
          <Row key={`${row.at}${row.text}`} at={row.at} now={row.now} jump={() => playback.jump(row.at)}>
            {row.hand && <Icon name="hand" size={16} />}
            {row.text}
          </Row>
        ))}
      </ol>
    </Panel>
  )
}

/** As much of the chat as had been written by now. */
function Chat({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const { story } = playback
  const count = usePart(playback.at, (at) => story.writtenBy(at))
  if (story.messages.length === 0) return <p className={`muted sm ${classes.empty}`}>{t('playback.noChat')}</p>
  return (
    <Panel label={t('playback.tab.chat')} follow={count}>
      <ol>
        {story.messages.slice(0, count).map(({ id, at, name, text }) => (
          <Row key={id} at={at} name={name} jump={() => playback.jump(at)}>
            {text}
          </Row>
        ))}
      </ol>
      {count === 0 && <p className="muted sm">{t('playback.chatLater')}</p>}
    </Panel>
  )
}

function Captions({ recording, playback }: { recording: RecordingView; playback: Playback }) {
  const { t } = useTranslation()
  const { captions } = playback.story
  const now = usePart(playback.at, (at) => playback.story.captionsAt(at).at(-1))
  if (captions.length === 0) return <p className={`muted sm ${classes.empty}`}>{t('playback.noCaptions')}</p>
  return (
    <Panel label={t('playback.tab.captions')}>
      <Button
        variant="default"
        size="sm"
        leftSection={<Icon name="download" size={18} />}
        onClick={() => save(`${recording.title || 'sabaq'}.vtt`, webVtt(captions), 'text/vtt')}
      >
        {t('playback.saveCaptions')}
      </Button>
      <ol>
        {captions.map((one, place) => (
          <Row
            key={`${one.at}${place}`}
            at={one.at}
            name={one.name}
            now={one === now}
            jump={() => playback.jump(one.at)}
          >
            {one.text}
          </Row>
        ))}
      </ol>
    </Panel>
  )
}

/** A list that scrolls; with `follow`, to its end whenever that changes. */
function Panel({ label, follow, children }: { label: string; follow?: number; children: ReactNode }) {
  const home = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (follow !== undefined) home.current!.scrollTop = home.current!.scrollHeight
  }, [follow])
  return (
    <div ref={home} className={classes.panel} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  )
}

function Row(props: { at: number; name?: string; now?: boolean; jump: () => void; children: ReactNode }) {
  const { at, name, now, jump, children } = props
  return (
    <li>
      <button type="button" className={classes.row} aria-current={now ? 'true' : undefined} onClick={jump} data-jump={at}>
        <span className={`num ${classes.at}`}>{stopwatch(at * 1000)}</span>
        <span className={classes.text}>
          {name && <b>{name} </b>}
          {children}
        </span>
      </button>
    </li>
  )
}
