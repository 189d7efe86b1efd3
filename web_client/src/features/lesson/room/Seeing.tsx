import { Button, NativeSelect, Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../../base/react'
import type { Saving } from '../../../media/watching'
import { Dialog } from '../../../ui/Dialog'
import { Icon } from '../../../ui/Icon'
import { TILES, VIEWS } from './layout'
import type { RoomModel } from './model'
import classes from './Dialogs.module.css'

const SAVINGS: readonly Saving[] = ['all', 'saving', 'sound']

/** How one looks at the lesson; only for oneself. */
export function SeeingDialog(props: { model: RoomModel; opened: boolean; close: () => void }) {
  const { t } = useTranslation()
  const { model, opened, close } = props
  const { view, bright, tiles, saving } = useValue(model.layout)
  const { floating } = model
  const float = async (how: 'picture' | 'window') => {
    close()
    await floating.open(how)
  }
  return (
    <Dialog opened={opened} close={close} title={t('room.seeing.title')}>
      <div className={classes.settings}>
        <div className="seg" role="group" aria-label={t('room.seeing.view')}>
          {VIEWS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={view === name}
              data-view={name}
              onClick={() => model.setView(name)}
            >
              {t(`room.seeing.views.${name}`)}
            </button>
          ))}
        </div>
        <NativeSelect
          label={t('room.seeing.tiles')}
          value={tiles}
          data={TILES.map(String)}
          onChange={(event) => model.arrange({ tiles: Number(event.currentTarget.value) })}
        />
        <Switch
          label={t('room.seeing.bright')}
          checked={bright}
          onChange={(event) => model.arrange({ bright: event.currentTarget.checked })}
        />
        <NativeSelect
          label={t('room.saving.title')}
          description={t(`room.saving.text.${saving}`)}
          value={saving}
          data={SAVINGS.map((value) => ({ value, label: t(`room.saving.${value}`) }))}
          onChange={(event) => model.arrange({ saving: event.currentTarget.value as Saving })}
        />
        <div className={classes.beside}>
          {floating.canPicture && (
            <Button variant="default" size="sm" onClick={() => void float('picture')}>
              {t('room.seeing.picture')}
            </Button>
          )}
          <Button
            variant="default"
            size="sm"
            leftSection={<Icon name="maximize-2" size={16} />}
            onClick={() => void float('window')}
          >
            {t('room.seeing.window')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
