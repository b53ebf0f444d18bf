package io.trainyard.train.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.TestEngine;
import io.trainyard.json.StrictJson;
import io.trainyard.spec.layer.ActivationSpec.Function;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PartEvaluationTest {
  @BeforeAll
  static void startTheEngine() {
    TestEngine.get();
  }

  private static Evaluation of(PartEvaluation evaluation, MeasuredValues losses) {
    return evaluation.of(
        Part.TEST, places -> Arrays.stream(places).map(place -> place + 1).toArray(), losses, true);
  }

  @Test
  void metricsComeBesideTheLosses() {
    MeasuredTarget target =
        MeasuredTargets.of("'mse'", "['mae','mse']", false, Shape.of(1), Function.LINEAR);
    PartEvaluation evaluation = new PartEvaluation(List.of(target), Map.of(), 4);
    evaluation.add(
        "y", HostTensor.ofFloats(Shape.of(2, 1), 1, 2), HostTensor.ofFloats(Shape.of(2, 1), 0, 0));
    evaluation.add(
        "y", HostTensor.ofFloats(Shape.of(2, 1), 1, 4), HostTensor.ofFloats(Shape.of(2, 1), 0, 0));
    MeasuredValues losses = new MeasuredValues();
    losses.values().put("loss", 5.5);
    Evaluation done = of(evaluation, losses);
    assertThat(done.measured().values())
        .isEqualTo(Map.of("loss", 5.5, "mae", 2.0, "mse", (1 + 4 + 1 + 16) / 4.0));
    assertThat(done.rows()).isEqualTo(4);
  }

  /** Each row with an event is compared with those still under observation. */
  @Test
  void theWorstRowsOfASurvivalAreThoseWithEventsThatWereNotExpected() {
    MeasuredTarget target =
        MeasuredTargets.of("'cox'", "['concordance']", false, Shape.of(1), Function.LINEAR);
    PartEvaluation evaluation = new PartEvaluation(List.of(target), Map.of(), 3);
    // The row of the least risk has the first event.
    evaluation.add(
        "y",
        HostTensor.ofFloats(Shape.of(3, 1), -2, 1, 2),
        HostTensor.ofFloats(Shape.of(3, 2), 1, 1, 2, 1, 3, 0));
    Evaluation done = of(evaluation, new MeasuredValues());
    assertThat(done.worstRows().getFirst().row()).isEqualTo(1);
    assertThat(done.worstRows().getFirst().loss())
        .isEqualTo(2 + Math.log(Math.exp(-2) + Math.exp(1) + Math.exp(2)));
  }

  private static Encoding encoding(String... columns) {
    String one = "{'column':'%s','type':'number','scale':'none','offset':0,'span':1}";
    return Encoding.fromJson(
        StrictJson.parse(
            """
            {'inputs': {}, 'targets': {
              'kind': {'output':'o','kind':'class','column':'k','type':'string','classes':['no','yes']},
              'y': {'output':'p','kind':'number','values':{'type':'float32','shape':[%d],'columns':[%s]}}}}
            """
                .formatted(
                    columns.length,
                    String.join(",", List.of(columns).stream().map(one::formatted).toList()))
                .replace('\'', '"')));
  }

  @Test
  void labelsAreClassesOrTheColumnsOfSeveralNumbers() {
    assertThat(PartEvaluation.labels(encoding("a", "b")))
        .isEqualTo(Map.of("kind", List.of("no", "yes"), "y", List.of("a", "b")));
    assertThat(PartEvaluation.labels(encoding("a")))
        .isEqualTo(Map.of("kind", List.of("no", "yes")));
  }
}
