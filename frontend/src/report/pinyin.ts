// Chinese class names by their pinyin: jishui or js finds 积水. Only the characters of the catalogue's own names:
// a city's further classes are found by their characters, as before.
const TABLE =
  'ai爱碍 an安 ban板 bao包报暴 bei备 bi箅篦闭 bian便匾边 biao标 bing冰病 bo钵 bu不部 cai彩采 can残餐 cao槽 ce厕测 cha差 ' +
  'chan产 chang场 che车 chen尘 cheng成 chi池 chong充虫 chu出厨处畜 chuan传 chui垂 cu促 cun存村 da搭 dai带 dan单 ' +
  'dang挡 dao倒岛道 deng灯 di地 dian店点电 diao吊调雕 ding顶 diu丢 dong东动 du堵 dui堆 fa伐发法 fan范 fang房放防 ' +
  'fei废非 fen分焚粪 feng缝 fu服覆附 gai盖 gan杆 gang岗钢 gao告高 ge隔 gong供公共工 gou沟购 gu古 gua挂 guan管观 ' +
  'guang光广 gui柜规 guo果过 hai害 hao号 he合和河 heng横 hou候后 hu户护 hua化花 huan环缓 huang潢 hui毁 huo或活火货 ' +
  'ji及圾机积集 jia加夹家架 jian件健建监间 jiao交 jie接洁节街阶 jin筋 jing井净境景经 ju具 jue掘 kai开 kan刊 kao烤 ke客 ' +
  'kong控空 kou口 kua跨 la垃 lan栏缆 lang廊 lao涝 lei类 li力理离立 liang亮晾辆 liao料疗 lie裂 lin临林 liu留 lou楼 ' +
  'lu路露 luan乱 lun轮 luo落裸 lv绿 mai埋 man慢满 mang盲 mao贸 men门 mi密 mian面 mie灭 min民 ming名明 mu木 nei内 ' +
  'nong农 pai排牌 pen喷 peng篷 pi皮 pin品 ping屏平 po坡破 qi其器弃旗气 qian前 qiang墙 qiao桥 qin禽 qing庆清 qu取渠 ' +
  'quan权泉犬 ran染燃 rao扰 re热 ren人 rong容 ru入 sa撒 san伞散 se塞 sha砂 shan擅 shang上商 shao烧 she设 shen身 ' +
  'sheng声生 shi事尸市施时石示识饰 shou售收 shu属树输 shuan栓 shui水 si四私饲 su塑 sun损 suo所锁 ta他塌 tai台 tan摊 ' +
  'teng藤 ti体梯题 tian填天 ting亭停 tong桶筒通 tou头 tu土屠突 tuo脱 wai外 wan完蔓 wei位围未违 wen文问 wu五务屋无污物舞 ' +
  'xi息洗 xia下 xian线限陷 xiang享箱 xiao小消销 xin信心 xing性行 xiu休修 xu序 xuan宣 xue雪 xun汛窨讯 ya压 yan沿烟眼言 ' +
  'yang养扬阳 ye业叶夜液 yi医椅溢益遗驿 yin音 ying硬营 yong用 you油游邮 yu域语雨预 yuan园 yun运 zai在宰 zang脏 zao噪早 ' +
  'zha渣 zhan占站 zhang章障 zhao照 zhe遮 zheng正证 zhi志指治秩置 zhong中钟 zhu筑 zhuan转 zhuang桩装 zhui坠 zi子字自 ' +
  'zong综 zu租 zuo作座'

const SYLLABLES = new Map<string, string[]>()
for (const [, syllable, characters] of TABLE.matchAll(/([a-z]+)([^a-z ]+)/g))
  for (const character of characters ?? '')
    SYLLABLES.set(character, [...(SYLLABLES.get(character) ?? []), syllable ?? ''])

/** How a name is typed: whole syllables, then first letters; of several readings the first is taken. */
export function pinyinOf(name: string): { whole: string; initials: string } {
  const syllables = [...name].map((character) => SYLLABLES.get(character)?.[0] ?? '')
  return { whole: syllables.join(''), initials: syllables.map((one) => one.slice(0, 1)).join('') }
}
