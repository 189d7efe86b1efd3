import './fonts'
import '@excalidraw/excalidraw/index.css'
import { Excalidraw, FONT_FAMILY, MainMenu } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { useComputedColorScheme } from '@mantine/core'
import { type ChangeEvent, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import { attempt } from '../../lesson/room/attempt'
import { Icon } from '../../../ui/Icon'
import { Leaf } from '../Leaf'
import { Saved } from '../Saved'
import { saveAs } from '../save'
import type { BoardSync } from '../sync'
import classes from '../View.module.css'
import { pngOf, putGround, svgOf, tie, wholeOf } from './canvas'
import { Scene } from './scene'

const LANGUAGES: Record<string, string> = { kk: 'kk-KZ', ru: 'ru-RU', en: 'en' }
const MOST_PAGES = 60
const TOOLS = { tools: { image: true }, canvasActions: NO_FILES() }

function NO_FILES() {
  const no = { export: false, loadScene: false, saveToActiveFile: false, saveAsImage: false } as const
  return { ...no, toggleTheme: false, changeViewBackgroundColor: false, clearCanvas: false } as const
}

export interface BoardProps {
  sync: BoardSync
  name: string
  /** The page that all are shown. */
  page: number
  /** Shows another page to all; undefined for who may not. */
  turn?: (page: number) => void
}

/** A whiteboard: pages that all draw on who may. */
export default function Whiteboard({ sync, name, page, turn }: BoardProps) {
  const { t, i18n } = useTranslation()
  const [ready, setReady] = useState<{ api: ExcalidrawImperativeAPI; id: string } | null>(null)
  const [own, setOwn] = useState<number | null>(null)
  const scene = useMemo(() => new Scene(sync.doc), [sync])
  const pages = usePages(scene)
  const mayWrite = useValue(sync.mayWrite)
  const state = useValue(sync.state)
  const theme = useComputedColorScheme('light')
  const number = Math.max(0, Math.min(own ?? page, pages.length - 1))
  const id = pages[number]!
  const paper = useRef<HTMLDivElement>(null)
  useEffect(() => {
    paper.current?.querySelector('.main-menu-trigger')?.setAttribute('aria-label', t('board.menu'))
  }, [ready, t])
  useEffect(() => setOwn(null), [page])
  useEffect(() => {
    if (ready?.id === id) return tie(ready.api, scene, id, () => sync.mayWrite.get())
  }, [ready, scene, id, sync])
  const go = (next: number) => (turn ? turn(next) : setOwn(next === page ? null : next))
  const add = () => {
    scene.addPage(crypto.randomUUID())
    go(pages.length)
  }
  return (
    <section className={classes.board} aria-label={t('board.board')} data-board={state} data-page={number}>
      <div className={classes.paper} ref={paper}>
        <Excalidraw
          key={id}
          excalidrawAPI={(api) => setReady({ api, id })}
          langCode={LANGUAGES[i18n.language] ?? 'en'}
          theme={theme}
          viewModeEnabled={!mayWrite || state === 'opening' || state === 'failed'}
          isCollaborating
          validateEmbeddable={false}
          aiEnabled={false}
          handleKeyboardGlobally={false}
          UIOptions={TOOLS}
          initialData={{ appState: { currentItemFontFamily: FONT_FAMILY.Nunito } }}
        >
          <MainMenu>
            <MainMenu.Item onSelect={() => void attempt(give(scene, id, name, 'pdf'))}>
              {t('board.savePdf')}
            </MainMenu.Item>
            <MainMenu.Item onSelect={() => void attempt(give(scene, id, name, 'png'))}>
              {t('board.savePng')}
            </MainMenu.Item>
            <MainMenu.Item onSelect={() => void attempt(give(scene, id, name, 'svg'))}>
              {t('board.saveSvg')}
            </MainMenu.Item>
          </MainMenu>
        </Excalidraw>
      </div>
      <div className={classes.foot}>
        <Saved sync={sync} />
        <Leaf number={number} count={pages.length} go={go} shown={page} back={own === null ? null : () => setOwn(null)} />
        {turn && mayWrite && pages.length < MOST_PAGES && (
          <>
            <button type="button" className={classes.small} onClick={add}>
              <Icon name="plus" size={16} />
              {t('board.addPage')}
            </button>
            <Ground scene={scene} pages={pages.length} go={go} />
          </>
        )}
      </div>
    </section>
  )
}

/** Puts the pages of a PDF, or a picture, under new pages of the board. */
function Ground(props: { scene: Scene; pages: number; go: (page: number) => void }) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const [busy, setBusy] = useState(false)
  const { scene, pages, go } = props
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0]
    if (!file) return
    setBusy(true)
    await attempt(layUnder(scene, file, MOST_PAGES - pages))
    setBusy(false)
    target.value = ''
    go(pages)
  }
  return (
    <>
      <button
        type="button"
        className={classes.small}
        disabled={busy}
        aria-busy={busy}
        onClick={() => field.current?.click()}
      >
        <Icon name="upload" size={16} />
        {t('board.ground')}
      </button>
      <input
        ref={field}
        hidden
        type="file"
        accept="application/pdf,image/png,image/jpeg,image/webp"
        data-ground
        onChange={(event) => void choose(event)}
      />
    </>
  )
}

async function layUnder(scene: Scene, file: File, most: number): Promise<void> {
  const { sheetsOf } = await import('../slides/pdf')
  for await (const canvas of sheetsOf(file, most)) {
    const page = crypto.randomUUID()
    scene.addPage(page)
    putGround(scene, page, canvas)
  }
}

async function give(scene: Scene, page: string, name: string, kind: 'pdf' | 'png' | 'svg') {
  const make = { pdf: () => wholeOf(scene), png: () => pngOf(scene, page), svg: () => svgOf(scene, page) }
  saveAs(await make[kind](), `${name}.${kind}`)
}

function usePages(scene: Scene): string[] {
  const joined = useSyncExternalStore(
    (seen) => scene.watchPages(seen),
    () => scene.pages().join(' '),
  )
  return joined.split(' ')
}
