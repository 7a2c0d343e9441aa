import Dynamics

struct Alarm: Sendable {
  let kind: String
  let run: String
  let component: String
  let object: String
  let metric: String
  let probe: String
  let layers: [Int]
  let steps: [Int]
  let sentence: String
  let figure: String
}
extension AnalysisResult { var alarms: [Alarm] { [] } }
