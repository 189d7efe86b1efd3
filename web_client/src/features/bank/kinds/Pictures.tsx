import { Button } from '@mantine/core'
import { type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../base/errors'
import { FieldError } from '../../../ui/FieldError'
import { Icon } from '../../../ui/Icon'
import { middle } from '../areas'
import { useBody, useEditing } from '../context'
import { freeId } from '../draft'
import { AreaBoard, AreaFields, type Drawn } from '../fields/Areas'
import { FaultsHere } from '../fields/Faults'
import { Add, Folded, Group, RowButtons, Tick, Whole } from '../fields/Small'
import { WordsField } from '../fields/Words'
import type { DragOnto, Hotspot, Picture, Region, Zone } from '../plain'
import classes from '../bank.module.css'

export function Spots() {
  const { t } = useTranslation()
  const { body, put } = useBody<Hotspot>()
  const { picture, regions } = body
  const [chosen, choose] = useState(regions[0]?.id ?? '')
  const change = (id: string, part: Partial<Region>) => put({ regions: regions.map((one) => (one.id === id ? { ...one, ...part } : one)) })
  const areas: Drawn[] = regions.map(({ id, area, right = true }, at) => ({ id, area, name: String(at + 1), wrong: !right }))
  return (
    <>
      <PictureField picture={picture} put={(next) => put({ picture: next })}>
        <AreaBoard picture={picture} areas={areas} chosen={chosen} draw={(area) => change(chosen, { area })} />
      </PictureField>
      {picture.width > 0 && (
        <Group title={t('bank.regions')} where="body.regions" text={t('bank.regionsText')}>
          <ul className={classes.rows}>
            {regions.map((one, at) => {
              const here = `body.regions[${at}]`
              const name = t('bank.region', { number: at + 1 })
              return (
                <li key={one.id} className={classes.regionRow} data-chosen={one.id === chosen}>
                  <Choose name={name} on={one.id === chosen} act={() => choose(one.id)} />
                  <Tick label={t('bank.isRight')} checked={one.right ?? true} onChange={(right) => change(one.id, { right })} />
                  <RowButtons name={name} at={at} of={regions.length} remove={() => put({ regions: regions.filter((other) => other !== one) })} />
                  <AreaFields area={one.area} where={`${here}.area`} onChange={(area) => change(one.id, { area })} />
                  <Folded title={t('bank.optionFeedback')} open={!!one.feedback}>
                    <WordsField label={t('bank.optionFeedback')} quiet where={`${here}.feedback`} words={one.feedback} onChange={(feedback) => change(one.id, { feedback })} />
                  </Folded>
                </li>
              )
            })}
          </ul>
          <Add
            act={() => {
              const id = freeId(regions)
              put({ regions: [...regions, { id, area: middle(picture) }] })
              choose(id)
            }}
          >
            {t('bank.addRegion')}
          </Add>
          <Whole label={t('bank.mostSpots')} where="body.most" value={body.most ?? 1} help={t('bank.mostSpotsText')} className={classes.field} onChange={(most) => put({ most: most ?? 0 })} />
        </Group>
      )}
    </>
  )
}

export function Zones() {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const { body, put } = useBody<DragOnto>()
  const { picture, labels, zones, pairs } = body
  const [chosen, choose] = useState(zones[0]?.id ?? '')
  const changeZone = (id: string, part: Partial<Zone>) => put({ zones: zones.map((one) => (one.id === id ? { ...one, ...part } : one)) })
  const areas: Drawn[] = zones.map(({ id, area }, at) => ({ id, area, name: String(at + 1) }))
  return (
    <>
      <PictureField picture={picture} put={(next) => put({ picture: next })}>
        <AreaBoard picture={picture} areas={areas} chosen={chosen} draw={(area) => changeZone(chosen, { area })} />
      </PictureField>
      {picture.width > 0 && (
        <>
          <Group title={t('bank.zones')} where="body.zones" text={t('bank.zonesText')}>
            <ul className={classes.rows}>
              {zones.map((one, at) => {
                const here = `body.zones[${at}]`
                const name = t('bank.zone', { number: at + 1 })
                return (
                  <li key={one.id} className={classes.regionRow} data-chosen={one.id === chosen}>
                    <Choose name={name} on={one.id === chosen} act={() => choose(one.id)} />
                    <RowButtons name={name} at={at} of={zones.length} remove={() => put({ zones: zones.filter((other) => other !== one), pairs: pairs.filter(({ right }) => right !== one.id) })} />
                    <AreaFields area={one.area} where={`${here}.area`} onChange={(area) => changeZone(one.id, { area })} />
                    <WordsField label={t('bank.zoneName')} where={`${here}.words`} words={one.words} help={t('bank.zoneNameText')} onChange={(words) => changeZone(one.id, { words })} />
                  </li>
                )
              })}
            </ul>
            <Add
              act={() => {
                const id = freeId(zones)
                put({ zones: [...zones, { id, area: middle(picture) }] })
                choose(id)
              }}
            >
              {t('bank.addZone')}
            </Add>
          </Group>
          <Group title={t('bank.labels')} where="body.labels" text={t('bank.labelsText')}>
            <ul className={classes.rows}>
              {labels.map((one, at) => {
                const name = t('bank.label', { number: at + 1 })
                return (
                  <li key={one.id} className={classes.pairRow}>
                    <WordsField label={name} quiet where={`body.labels[${at}].words`} words={one.words} onChange={(words) => put({ labels: labels.map((other) => (other === one ? { ...one, words } : other)) })} />
                    <div className={classes.partners} role="group" aria-label={t('bank.zonesOf', { name })}>
                      {zones.map((zone, n) => {
                        const has = pairs.some(({ left, right }) => left === one.id && right === zone.id)
                        const others = body.reuse ? pairs : pairs.filter(({ left }) => left !== one.id)
                        return (
                          <label key={zone.id} className={classes.pill}>
                            <input
                              type="checkbox"
                              checked={has}
                              disabled={disabled}
                              onChange={() =>
                                put({
                                  pairs: has
                                    ? pairs.filter(({ left, right }) => !(left === one.id && right === zone.id))
                                    : [...others, { left: one.id, right: zone.id }],
                                })
                              }
                            />
                            {n + 1}
                          </label>
                        )
                      })}
                    </div>
                    <RowButtons name={name} at={at} of={labels.length} remove={() => put({ labels: labels.filter((other) => other !== one), pairs: pairs.filter(({ left }) => left !== one.id) })} />
                  </li>
                )
              })}
            </ul>
            <div data-where="body.pairs">
              <FaultsHere where="body.pairs" />
            </div>
            <Add act={() => put({ labels: [...labels, { id: freeId(labels), words: {} }] })}>{t('bank.addLabel')}</Add>
            <Tick label={t('bank.reuseLabel')} checked={body.reuse ?? false} onChange={(reuse) => put({ reuse })} />
          </Group>
        </>
      )}
    </>
  )
}

function Choose({ name, on, act }: { name: string; on: boolean; act: () => void }) {
  const { t } = useTranslation()
  return (
    <button type="button" className={classes.choose} aria-pressed={on} onClick={act}>
      <b>{name}</b>
      <span className="sm">{t(on ? 'bank.drawNow' : 'bank.drawThis')}</span>
    </button>
  )
}

interface PictureProps {
  picture: Picture
  put: (picture: Picture) => void
  children: ReactNode
}

/** The picture itself, and what it says to who cannot see it. */
function PictureField({ picture, put, children }: PictureProps) {
  const { t } = useTranslation()
  const { add, disabled } = useEditing()
  const chooser = useRef<HTMLInputElement>(null)
  const [error, setError] = useState<unknown>(null)
  const there = picture.width > 0
  const take = async (file: File) => {
    setError(null)
    try {
      const { url, ...media } = await add(file)
      const size = await sizeOf(url)
      put({ ...picture, media, ...size })
    } catch (no) {
      setError(no)
    }
  }
  return (
    <Group title={t('bank.picture')} where="body.picture" text={t(there ? 'bank.pictureDraw' : 'bank.pictureText')}>
      {there && children}
      {!disabled && (
        <div>
          <Button variant="default" size="sm" leftSection={<Icon name="upload" size={18} />} onClick={() => chooser.current?.click()}>
            {t(there ? 'bank.otherPicture' : 'bank.choosePicture')}
          </Button>
        </div>
      )}
      <input
        ref={chooser}
        type="file"
        hidden
        accept="image/*"
        data-picture-file=""
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (file) void take(file)
        }}
      />
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      {there && <WordsField label={t('bank.pictureWords')} where="body.picture.words" words={picture.words} onChange={(words) => put({ ...picture, words })} help={t('bank.pictureWordsText')} />}
    </Group>
  )
}

/** Of a picture, in its own pixels. */
async function sizeOf(url: string): Promise<{ width: number; height: number }> {
  const image = new Image()
  image.src = url
  await image.decode()
  return { width: image.naturalWidth || 800, height: image.naturalHeight || 600 }
}
