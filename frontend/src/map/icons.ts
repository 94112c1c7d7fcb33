// The icons of all classes, by `set:name`; each is one or more paths in a box of 15 x 15. Both sets are CC0.
// A class whose icon is not listed here is drawn as a dot; the test of this list names it.
const drawings = import.meta.glob<string>(
  [
    '/node_modules/@mapbox/maki/icons/{bicycle,bridge,building,bus,car,caution,charging-station,circle,construction,dam,danger,fence,fire-station,fuel,garden,harbor,heart,home,hospital,information,marker,park,parking,police,recycling,road-accident,roadblock,school,shop,star,swimming,telephone,toilet,triangle,warehouse,waste-basket,water}.svg',
    '/node_modules/@rapideditor/temaki/icons/{antenna,asterisk,bench,bicycle_parked,billboard,bollard,bollard_row,bottles,bulb,bulb2,bulb3,bulldozer,bulletin_board,bus,cable,cable_device,cable_manhole,campfire,can,car_parked,car_structure,cliff_falling_rocks,clock,cloth,curtains,ear,electronic,fire_hydrant,fountain,garden_bed,gas,gas_device,gas_manhole,grass,guard_rail,gym,heart,hedge,height_restrictor,info_board,junction,junk_car,kerb-flush,kerb-raised,lawn,manhole,mast_lighting,money_hand,pedestrian,pedestrian_crosswalk,pedestrian_walled,picnic_shelter,pipe,plant,plaque,police_officer,post_box,poster_box,power,power_device,power_manhole,power_pole,propane_tank,rail_flag,railing,scaffold,security_camera,shrub,sign_and_car,snow,speaker,statue,sign_and_pedestrian,stop,storage_tank,street_lamp_arm,striped_zone,toolbox,tools,traffic_signals,tree_broadleaved,tree_needleleaved,tree_row,tree_stump,trench,truck,tunnel,utility_pole,vase,vending_machine,wall,waste,waste_manhole,waste_shutoff,water,water_manhole,water_meter,water_shutoff,water_tap,wheelchair}.svg',
  ],
  { query: '?raw', import: 'default', eager: true },
)

/** The `d` of every path of a one-colour SVG, joined: sub-paths may follow one another. */
export function pathOf(svg: string): string {
  return [...svg.matchAll(/<path[^>]*?\sd="([^"]+)"/g)]
    .map(([, d = '']) => d.replace(/&#x[0-9a-f]+;/gi, ' ').replace(/^\s*m/, 'M0 0m'))
    .join(' ')
}

const paths = new Map<string, string>()
for (const [file, svg] of Object.entries(drawings)) {
  const [, set = '', name = ''] = /\/(maki|temaki)\/icons\/([\w-]+)\.svg$/.exec(file) ?? []
  paths.set(`${set}:${name}`, pathOf(svg))
}

/** Path of an icon in a box of 15 x 15, or null. Without a set, Temaki's drawing wins: it was made for streets. */
export function iconPath(name: string | null | undefined): string | null {
  if (!name) return null
  return paths.get(name) ?? paths.get(`temaki:${name}`) ?? paths.get(`maki:${name}`) ?? null
}

export const ICON_BOX = 15
