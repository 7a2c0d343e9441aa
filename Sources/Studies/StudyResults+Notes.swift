import Tensors

/// `results/study.json`: what tables have no columns for.
extension StudyResults {
  /// Failures, what was left out, probes and training logs as JSON, in a fixed order.
  var notes: String {
    JSONText.document(
      .object([
        (
          "failures",
          .list(
            failures.map { failure in
              .object([
                ("stage", .text(failure.stage.rawValue)), ("run", .text(failure.run)),
                ("step", .integer(failure.step)), ("probe", .text(failure.probe)),
                ("reason", .text(failure.reason)),
              ])
            })
        ),
        (
          "left_out",
          .list(
            leftOut.map {
              .object([("what", .text($0.what)), ("reason", .text($0.reason))])
            })
        ),
        (
          "probes",
          .list(
            probes.map {
              .object([
                ("name", .text($0.name)), ("sequences", .integer($0.sequences)),
                ("length", .integer($0.length)), ("sha256", .text($0.sha256)),
              ])
            })
        ),
        (
          "training_log",
          .list(
            trainingLog.map {
              .object([
                ("run", .text($0.run)), ("step", .integer($0.step)), ("loss", .number($0.loss)),
                ("learning_rate", .number($0.learningRate)), ("tokens", .number($0.tokens)),
              ])
            })
        ),
      ]))
  }

  /// Takes what `notes` wrote; members of another form are passed over.
  mutating func readNotes(_ json: JSONValue) {
    failures = (json["failures"]?.elements ?? []).compactMap { entry in
      guard let stage = entry["stage"]?.string.flatMap(StudyStage.init),
        let run = entry["run"]?.string, let step = entry["step"]?.integer,
        let reason = entry["reason"]?.string
      else { return nil }
      return FailedUnit(
        stage: stage, run: run, step: step, probe: entry["probe"]?.string, reason: reason)
    }
    leftOut = (json["left_out"]?.elements ?? []).compactMap { entry in
      guard let what = entry["what"]?.string, let reason = entry["reason"]?.string else {
        return nil
      }
      return LeftOut(what: what, reason: reason)
    }
    probes = (json["probes"]?.elements ?? []).compactMap { entry in
      guard let name = entry["name"]?.string, let sequences = entry["sequences"]?.integer,
        let length = entry["length"]?.integer, let digest = entry["sha256"]?.string
      else { return nil }
      return Probe(name: name, sequences: sequences, length: length, sha256: digest)
    }
    trainingLog = (json["training_log"]?.elements ?? []).compactMap { entry in
      guard let run = entry["run"]?.string, let step = entry["step"]?.integer else { return nil }
      return TrainingRecord(
        run: run, step: step, loss: entry["loss"]?.double,
        learningRate: entry["learning_rate"]?.double, tokens: entry["tokens"]?.double)
    }
  }
}
