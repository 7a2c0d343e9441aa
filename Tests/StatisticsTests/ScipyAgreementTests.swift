import Testing

@testable import Statistics

/// Everything that scipy or numpy computes too, to 1e-10, on random tables with and without ties.
@Suite struct ScipyAgreementTests {
  let reference: ReferenceValues

  init() throws { reference = try ReferenceValues.load() }

  @Test func ranksAndCorrelationsAgree() {
    #expect(reference.correlations.count == 21)
    for table in reference.correlations {
      #expect(midRanks(of: table.x) == table.ranks)
      #expect(agrees(pearson(table.x, table.y), table.pearson))
      #expect(agrees(spearman(table.x, table.y), table.spearman))
      #expect(agrees(kendallTauB(table.x, table.y), table.kendall))
    }
  }

  @Test func partialCorrelationsAgree() {
    var compared = 0
    for table in reference.correlations {
      for (method, control, expected) in [
        (CorrelationMethod.pearson, CorrelationControl.linear, table.partialPearson),
        (.spearman, .linear, table.partialSpearman), (.kendallB, .linear, table.partialKendall),
        (.pearson, .quadratic, table.quadraticPearson),
        (.spearman, .quadratic, table.quadraticSpearman),
      ] {
        let found = partialCorrelation(method, table.x, table.y, given: table.z, control)
        if let expected {
          #expect(agrees(found.value, expected))
          compared += 1
        } else {
          #expect(found == .explained)
        }
      }
    }
    #expect(compared > 95)
  }

  @Test func quantilesAndAdjustedPValuesAgree() {
    let probabilities = [0, 0.025, 0.25, 0.5, 0.8, 0.975, 1]
    for table in reference.correlations {
      for (probability, expected) in zip(probabilities, table.quantiles) {
        #expect(agrees(quantile(probability, of: table.x), expected))
      }
      let q = benjaminiHochberg(table.x.map(NormalDistribution.cumulative))
      for (value, expected) in zip(q, table.adjusted) { #expect(agrees(value, expected)) }
    }
  }

  @Test func linesAgree() throws {
    for line in reference.lines {
      let fit = try #require(LineFit(x: line.x, y: line.y))
      #expect(agrees(fit.slope, line.slope))
      #expect(agrees(fit.intercept, line.intercept))
      #expect(agrees(fit.standardError, line.standardError))
      let interval = try #require(fit.slopeInterval())
      #expect(agrees(interval.lower, line.lower))
      #expect(agrees(interval.upper, line.upper))
      let ofMean = try #require(meanInterval(of: line.y))
      #expect(agrees(ofMean.lower, line.meanInterval[0]))
      #expect(agrees(ofMean.upper, line.meanInterval[1]))
    }
  }

  @Test func randomEffectsAgree() throws {
    for combination in reference.combinations {
      let effects = zip(combination.z, combination.v).map { FisherZ(z: $0, variance: $1) }
      let result = try #require(RandomEffects(effects))
      #expect(agrees(result.mean, combination.mean))
      #expect(agrees(result.betweenVariance, combination.tau2))
      #expect((result.interval() == nil) == (combination.lower == nil))
      if let lower = combination.lower, let upper = combination.upper, let p = combination.p {
        #expect(agrees(result.interval()?.lower, lower))
        #expect(agrees(result.interval()?.upper, upper))
        #expect(agrees(result.p, p))
      }
    }
  }

  @Test func distributionsAgree() {
    for value in reference.t {
      let t = StudentT(degreesOfFreedom: value.df)
      #expect(agrees(t.cumulative(value.t), value.cdf))
      #expect(abs(t.twoSidedP(value.t) / value.sf2 - 1) < 1e-10)
    }
    for value in reference.tQuantile {
      #expect(agrees(StudentT(degreesOfFreedom: value.df).quantile(value.p), value.t))
    }
    for value in reference.normal {
      #expect(agrees(NormalDistribution.quantile(value.p), value.z))
    }
    for value in reference.beta {
      #expect(agrees(incompleteBeta(value.x, value.a, value.b), value.value))
    }
  }
}
