// The icons of all classes, by name; each is one or more paths in a box of 15 x 15. Both sets are CC0.
// A class whose icon is not listed here is drawn as a dot, and the test of this list names it.
const maki = import.meta.glob<string>(
  [
    '/node_modules/@mapbox/maki/icons/{bank,barrier,bicycle,bicycle-share,bridge,building,bus,car,caution,cemetery,charging-station,circle,circle-stroked,city,communications-tower,construction,danger,defibrillator,diamond,drinking-water,emergency-phone,entrance,fence,fire-station,fuel,garden,harbor,heart,home,hospital,information,landmark,landuse,marker,monument,natural,park,parking,parking-garage,picnic-site,playground,police,post,rail,recycling,residential-community,roadblock,road-accident,school,shelter,shop,square,star,telephone,toilet,town,triangle,tunnel,viewpoint,volcano,warehouse,waste-basket,water,wetland,wheelchair,fast-food,restaurant,bbq,dog-park,music,commercial,industry,hardware,slaughterhouse,swimming,mobile-phone,watch,gaming,terminal,bakery,grocery,logging,dam,arrow,cross,farm,globe,paint,fitness-centre}.svg',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const temaki = import.meta.glob<string>(
  [
    '/node_modules/@rapideditor/temaki/icons/{antenna,asterisk,beach,bench,bicycle_box,bicycle_locker,bicycle_parked,bicycle_rental,bicycle_repair,bicycle_shed,bicycle_structure,billboard,boat_ramp,bollard,bollard_row,bulb,bulb2,bulb3,bulldozer,bulletin_board,bus,cable,cable_device,cable_manhole,cable_shutoff,car_parked,car_pool,car_structure,car_wash,chimney,chicane_arrow,clock,crossing_markings-zebra,cycle_barrier,cyclist_crosswalk,diamond,dog_shelter,drink_cup,electronic,elevator,fire_hydrant,fire_hydrant_underground,florist,food,fountain,furniture,garden_bed,gas,gas_device,gas_manhole,gas_meter,gas_shutoff,gate,grass,guard_rail,gym,hand,heart,hedge,height_restrictor,horizontal_bar,hut,info_board,junction,junk_car,kerb-flush,kerb-lowered,kerb-raised,kerb-unspecified,lawn,letter_box,lift_gate,lock,lounger,manhole,mast,mast_communication,mast_lighting,megaphone,milestone,money_hand,motorcycle_parked,needle_and_spool,obelisk,parking_space,pedestrian,pedestrian_and_cyclist,pedestrian_crosswalk,pedestrian_walled,picnic_shelter,pier_fixed,pin,pipe,plant,plaque,play_structure,police_officer,post_box,poster_box,power,power_cb,power_device,power_manhole,power_meter,power_pole,power_shutoff,power_switch,power_tower,power_transformer,powered_pump,propane_tank,quay,radio,railing,railway_signals,rail_flag,row_houses,rumble_strip,scaffold,sculpture,security_camera,shield,shower,shrub,shrub_low,sign_and_bench,sign_and_car,sign_and_pedestrian,snow,speaker,speed_bump,speed_hump,speed_table,stamp,statue,stop,storage,storage_tank,street_lamp_arm,striped_zone,subway,telephone,temaki,tiling,toolbox,tools,tower,tower_communication,town_hall,traffic_signals,train,tram,transit,transit_shelter,tree_and_bench,tree_broadleaved,tree_leafless,tree_needleleaved,tree_palm,tree_row,tree_stump,trench,truck,tunnel,turnstile,utility_pole,vacuum,vase,vending_machine,vertex,viewpoint,wall,waste,waste_device,waste_manhole,waste_shutoff,water,water_device,water_manhole,water_meter,water_shutoff,water_tap,water_tap_drinkable,water_tower,well_pump_manual,wheelchair,wheelchair_active,windsock,x_oblique,yield,ruins,ear,campfire,briefcase,bottles,can,clothes_hanger,cloth,dress,fish_cleaning,market,book_store,billboard,room,animal_shelter,veterinary_care,horse_shelter,cairn,cliff_falling_rocks,social_facility,oil_well,splash_pad,swamp,fishing_pier,tents,window,curtains,planes,hammer_shoe,pick_hammer,axe}.svg',
  ],
  { query: '?raw', import: 'default', eager: true },
)

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1, -'.svg'.length)

/** The `d` of every path of a one-colour SVG, joined: sub-paths may follow one another. */
export function pathOf(svg: string): string {
  return [...svg.matchAll(/<path[^>]*?\sd="([^"]+)"/g)]
    .map(([, d = '']) => d.replace(/&#x[0-9a-f]+;/gi, ' '))
    .join(' ')
}

const paths = new Map<string, string>()
// Where both sets have a name, Temaki's drawing wins: it was made for things in the street.
for (const set of [maki, temaki])
  for (const [path, svg] of Object.entries(set)) paths.set(nameOf(path), pathOf(svg))

/** Path of an icon in a box of 15 x 15, or null. Accepts a set's prefix (`temaki:bench`) and either dash. */
export function iconPath(name: string | null | undefined): string | null {
  if (!name) return null
  const bare = name.replace(/^(temaki|maki)[:/-]/, '')
  return (
    paths.get(bare) ?? paths.get(bare.replaceAll('-', '_')) ?? paths.get(bare.replaceAll('_', '-')) ?? null
  )
}

export const ICON_BOX = 15
