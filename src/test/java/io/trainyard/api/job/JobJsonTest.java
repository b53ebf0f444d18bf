package io.trainyard.api.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.job.JobState;
import io.trainyard.job.event.JobEvent;
import io.trainyard.model.DefaultVersion;
import io.trainyard.spec.check.Warning;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.metric.BaselineMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * What callers read of a job. The texts here are fixed: when one of these tests fails, change the
 * code, not the text.
 */
class JobJsonTest {
  private static final String EPOCH =
      """
      {"epoch":3,"phase":null,"loss":0.25,"val_loss":"-Infinity","learning_rate":0.01,\
      "seconds":1.5}\
      """;
  private static final String PROGRESS =
      """
      {"phase":"warm","epoch":3,"epochs":10,"step":7,"steps_per_epoch":20,"fraction":0.235,\
      "eta_seconds":null,"rows_per_second":"NaN"}\
      """;

  private static EpochRecord epoch() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 0.25);
    values.put("val_loss", Double.NEGATIVE_INFINITY);
    return new EpochRecord(3, "", values, 0.01, 1.5);
  }

  private static Progress progress() {
    return new Progress("warm", 3, 10, 7, 20, 0.235, Double.POSITIVE_INFINITY, Double.NaN);
  }

  @Test
  void measurementsKeepTheirFormat() {
    assertThat(epoch().toJson().toString()).isEqualTo(EPOCH);
    assertThat(progress().toJson().toString()).isEqualTo(PROGRESS);
    EpochRecord diagnosed =
        new EpochRecord(
            3,
            "",
            epoch().values(),
            0.01,
            1.5,
            Map.of("fc", Map.of("dead_units", Double.NaN)),
            Map.of(),
            Map.of());
    assertThat(diagnosed.toJson().toString())
        .isEqualTo(
            EPOCH.substring(0, EPOCH.length() - 1)
                + ",\"layers\":{\"fc\":{\"dead_units\":\"NaN\"}}}");
    EpochRecord undefined =
        new EpochRecord(
            3,
            "",
            Map.of("auc", Double.NaN),
            0.01,
            1.5,
            Map.of(),
            Map.of(),
            Map.of("auc", "one class"));
    assertThat(undefined.valuesToJson().toString())
        .isEqualTo("{\"auc\":null,\"metric_notes\":{\"auc\":\"one class\"}}");
  }

  @Test
  void endingsKeepTheirFormat() {
    var moved =
        new JobState.Result(
            "iris",
            4,
            new JobState.AliasMove("best", true, null),
            new DefaultVersion("production", 1));
    assertThat(JobJson.of(new JobState.Succeeded(moved)))
        .hasToString(
            "{\"model\":\"iris\",\"version\":4,"
                + "\"alias\":{\"name\":\"best\",\"moved\":true,\"reason\":null},"
                + "\"serving\":{\"alias\":\"production\",\"version\":1}}");
    assertThat(JobJson.of(new JobState.Succeeded(new JobState.Result("iris", 4, null, null))))
        .hasToString("{\"model\":\"iris\",\"version\":4,\"alias\":null}");
    var curve = new LearningRateCurve(0.1, List.of(new LearningRateCurve.Point(0.01, 2.5)));
    assertThat(JobJson.of(new JobState.Succeeded(null, curve)))
        .hasToString("{\"suggestion\":0.1,\"points\":[{\"learning_rate\":0.01,\"loss\":2.5}]}");
    assertThat(
            JobJson.of(new JobState.Succeeded(new JobState.Result("iris", 4, null, null), curve)))
        .asString()
        .startsWith("{\"model\":\"iris\",\"version\":4,\"alias\":null,\"suggestion\":0.1,");
    assertThat(JobJson.of(new JobState.Succeeded(null))).isNull();
    assertThat(
            String.valueOf(
                JobJson.of(
                    new JobState.Succeeded(
                        new JobState.PredictedDataset("scored", 2, 5, null, Map.of())))))
        .isEqualTo("{\"dataset\":\"scored\",\"version\":2,\"rows\":5}");
    assertThat(new JobState.Failure("code", "detail", 1, 2L, "fc").toJson().toString())
        .isEqualTo(
            "{\"code\":\"code\",\"detail\":\"detail\",\"epoch\":1,\"step\":2,\"layer\":\"fc\"}");
  }

  @Test
  void eventsKeepTheirFormat() {
    var queued = new JobEvent.StateChanged(1, JobState.Name.QUEUED, 0, 5);
    assertThat(JobJson.type(queued)).isEqualTo("state");
    assertThat(JobJson.of(queued).toString())
        .isEqualTo("{\"state\":\"queued\",\"attempt\":0,\"queue_position\":5}");
    assertThat(JobJson.of(new JobEvent.StateChanged(2, JobState.Name.RUNNING, 1, null)).toString())
        .isEqualTo("{\"state\":\"running\",\"attempt\":1,\"queue_position\":null}");
    var ended = new JobEvent.EpochEnded(3, epoch(), progress());
    assertThat(JobJson.type(ended)).isEqualTo("epoch");
    assertThat(JobJson.of(ended).toString())
        .isEqualTo(EPOCH.substring(0, EPOCH.length() - 1) + ",\"progress\":" + PROGRESS + "}");
    var logged = new JobEvent.Logged(4, "warn", "text");
    assertThat(JobJson.type(logged)).isEqualTo("log");
    assertThat(JobJson.of(logged).toString())
        .isEqualTo("{\"level\":\"warn\",\"message\":\"text\"}");
    assertThat(JobJson.type(new JobEvent.Done(5))).isEqualTo("done");
  }

  @Test
  void warningsKeepTheirFormat() {
    assertThat(new JsonMapper().valueToTree(new Warning("/model", "code", "detail")).toString())
        .isEqualTo("{\"pointer\":\"/model\",\"code\":\"code\",\"detail\":\"detail\"}");
  }

  @Test
  void aBaselineHasItsPartAndNullForWhatItLacks() {
    Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
    metrics.put("accuracy", 0.25);
    metrics.put("auc", null);
    assertThat(
            JobJson.of(
                    new BaselineMetrics(PreparedData.Part.TEST, 15, metrics, Map.of("auc", "why")))
                .toString())
        .isEqualTo(
            "{\"part\":\"test\",\"rows\":15,\"metrics\":{\"accuracy\":0.25,\"auc\":null,\"metric_notes\":{\"auc\":\"why\"}}}");
  }
}
