import type { LessonVisit } from '../model'
import { EndDialog, SettingsDialog } from './Dialogs'
import type { RoomModel } from './model'
import { SeeingDialog } from './Seeing'

export type WindowName = 'end' | 'settings' | 'seeing'

/** What the controls open over the page. */
export default function Windows(props: {
  visit: LessonVisit
  model: RoomModel
  open: WindowName | null
  close: () => void
}) {
  const { visit, model, open, close } = props
  return (
    <>
      <EndDialog visit={visit} opened={open === 'end'} close={close} />
      <SettingsDialog devices={visit.devices} opened={open === 'settings'} close={close} />
      <SeeingDialog model={model} opened={open === 'seeing'} close={close} />
    </>
  )
}
