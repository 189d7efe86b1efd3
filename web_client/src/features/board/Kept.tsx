import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardView } from '../../api/types'
import { useServices } from '../../services'
import { attempt } from '../lesson/room/attempt'
import { Icon } from '../../ui/Icon'
import { read } from './reading'
import { saveAs } from './save'
import classes from './View.module.css'

/** What was drawn, written and shown in a lesson, to look at and to take along. */
export default function Kept({ roomId }: { roomId: string }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [boards, setBoards] = useState<BoardView[]>([])
  useEffect(() => {
    let over = false
    api.boards(roomId).then(
      ({ items }) => over || setBoards(items.filter(({ kind, head }) => kind === 'slides' || head > 0)),
      () => undefined, // the page says itself when nothing can be asked
    )
    return () => {
      over = true
    }
  }, [api, roomId])
  if (boards.length === 0) return null
  return (
    <section className={classes.kept} aria-labelledby="kept-boards">
      <h2 id="kept-boards">{t('board.kept')}</h2>
      <ul className={classes.list}>
        {boards.map((board) => (
          <One key={board.id} board={board} />
        ))}
      </ul>
    </section>
  )
}

function One({ board }: { board: BoardView }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const [busy, setBusy] = useState(false)
  const [pictures, setPictures] = useState<string[]>([])
  useEffect(() => () => pictures.forEach((url) => URL.revokeObjectURL(url)), [pictures])
  const name = board.title || t(`board.${board.kind}`)
  const run = (deed: () => Promise<void>) => () => {
    setBusy(true)
    void attempt(deed()).then(() => setBusy(false))
  }
  const notes = async () => {
    const text = (await read(api, board.id)).getText('notes').toString()
    saveAs(new Blob([text], { type: 'text/markdown;charset=utf-8' }), `${name}.md`)
  }
  const drawings = async () => {
    const [{ Scene }, canvas] = await Promise.all([
      import('./whiteboard/scene'),
      import('./whiteboard/canvas'),
    ])
    return { scene: new Scene(await read(api, board.id)), ...canvas }
  }
  const whole = async () => {
    const { scene, wholeOf } = await drawings()
    saveAs(await wholeOf(scene), `${name}.pdf`)
  }
  const look = async () => {
    const { scene, pngOf } = await drawings()
    const urls: string[] = []
    for (const page of scene.pages()) urls.push(URL.createObjectURL(await pngOf(scene, page)))
    setPictures(urls)
  }
  const slides = async () => {
    const { url } = await api.fileLink(board.file_id!)
    window.open(url, '_blank', 'noopener')
  }
  const save = { notes, board: whole, slides }[board.kind]
  return (
    <li data-kept={board.kind}>
      <span className={classes.keptName}>{name}</span>
      {board.kind === 'board' && (
        <Button variant="default" size="compact-md" loading={busy} onClick={run(look)}>
          {t('board.look')}
        </Button>
      )}
      <Button
        variant="default"
        size="compact-md"
        loading={busy}
        leftSection={<Icon name="download" size={16} />}
        onClick={run(save)}
      >
        {t(`board.take.${board.kind}`)}
      </Button>
      {pictures.map((url, at) => (
        <img key={url} src={url} alt={`${name}, ${t('board.page')} ${at + 1}`} />
      ))}
    </li>
  )
}
