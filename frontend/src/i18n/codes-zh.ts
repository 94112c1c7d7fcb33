// Words for codes of the server, in Chinese. codes-en.ts must have the same lists; a test reads the codes.

export const codesZh = {
  stages: {
    reported: '待立案',
    filed: '已立案',
    dispatched: '已派遣',
    handling: '处置中',
    handled: '已处置',
    verified: '已核查',
    closed: '已结案',
    evaluated: '已评价',
    rejected: '不予立案',
    void: '已作废',
  } as Record<string, string>,

  moves: {
    report: '上报',
    verify_report: '核实',
    file: '立案',
    reject: '不予立案',
    handle_on_spot: '现场处置',
    hand_over: '转交',
    dispatch: '派遣',
    accept: '接收',
    arrive: '到场',
    return: '退回',
    hand_in: '反馈处置结果',
    verify_result: '核查',
    pass_check: '核查通过',
    fail_check: '核查不通过',
    close: '结案',
    close_with_code: '按代码结案',
    void: '作废',
    evaluate: '评价',
    reopen: '重新打开',
    pass_up: '上报上级',
    pass_down: '下派',
    suspend: '挂账',
    resume: '恢复',
    extend: '延期',
    move_place: '更正位置',
  } as Record<string, string>,

  levels: {
    district: '区县',
    street: '街道',
    community: '社区',
    cell: '单元网格',
    by_hand: '人工指定',
    fallback: '兜底',
  } as Record<string, string>,

  roles: {
    grid_worker: '网格员',
    inspector: '巡查员',
    superintendent: '督察员',
    operator: '受理员',
    dispatcher: '派遣员',
    handler: '处置员',
    supervisor: '网格长',
    commander: '指挥长',
    analyst: '分析员',
    volunteer: '志愿者',
    administrator: '管理员',
    display: '大屏',
    visitor_display: '参观大屏',
  } as Record<string, string>,

  states: {
    intact: '完好',
    damaged: '破损',
    missing: '丢失',
    abandoned: '废弃',
    removed: '移除',
    unknown: '未知',
  } as Record<string, string>,

  placements: {
    pavement: '人行道',
    carriageway: '车行道',
    green: '绿地',
    other: '其他',
  } as Record<string, string>,

  /** What the ground of a cell is mostly used for. */
  uses: {
    homes: '居住',
    work: '办公商业',
    park: '公园绿地',
    water: '水域',
    rail: '铁路',
    square: '广场',
    street: '道路',
  } as Record<string, string>,

  /** Fields of an asset, as its history names them. */
  fields: {
    geometry: '位置',
    geom: '位置',
    cell: '单元网格',
    asset_class: '类别',
    name: '名称',
    state: '状态',
    competent_authority: '主管单位',
    owner: '权属单位',
    maintainer: '养护单位',
    placement: '放置',
    first_date: '普查日期',
    change_date: '变更日期',
    location_text: '位置说明',
    note: '备注',
    shape: '形状',
    material: '材质',
    attributes: '属性',
    source: '数据来源',
    source_id: '来源编号',
    simulated_fields: '模拟字段',
  } as Record<string, string>,

  operations: {
    insert: '新增',
    update: '更改',
    delete: '删除',
  } as Record<string, string>,

  channels: {
    desk: '受理台',
    app: '网格员上报',
    patrol: '巡查发现',
    phone: '电话',
    hotline: '热线',
    web: '网页',
    citizen: '市民上报',
    volunteer: '志愿者上报',
    sensor: '监测设备',
    import: '导入',
    api: '接口',
    letter: '信访',
    media: '媒体',
    visit: '来访',
    other: '其他',
  } as Record<string, string>,

  waiting: {
    suspended: '挂账',
    extended: '延期',
  } as Record<string, string>,

  flags: {
    unlocated: '没有位置',
    outside_the_grid: '在所有网格之外',
    near_a_border: '距网格边界不足 5 米，相邻网格也能看到',
    substitute: '由替班人员负责',
    level_above: '本网格无人值守，由上一级负责',
    nobody_on_duty: '各级目前都无人值守',
  } as Record<string, string>,

  photoRoles: {
    near: '近景',
    far: '远景',
    reference: '参照',
    before: '处置前',
    after: '处置后',
    other: '其他',
  } as Record<string, string>,
}

export type CodeWords = typeof codesZh
