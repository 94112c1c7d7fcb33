// 巡查质量、十分钟到达与巡查义务
export const patrol = {
  title: '巡查是否漏报',
  verdicts: { miss: '漏报', gap: '漏巡', neither: '无责' },
  worker: '人员',
  nearest: '最近距离',
  passedAt: '最近时刻',
  window: '回看时段',
  earlier: '巡查已报案件',
  others: '其他网格人员曾经过',
  yes: '是',
  first: '补传前的判定',
  showWay: '在地图上看轨迹',
  open: '补传的定位会在一周内更正此判定。',
  settled: '判定已定。',
  metres: (value: string) => `${value} 米`,
}
