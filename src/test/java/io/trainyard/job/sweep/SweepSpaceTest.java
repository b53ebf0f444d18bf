package io.trainyard.job.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.json.StrictJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class SweepSpaceTest {
  private static SweepSpace space(SweepParameter a, SweepParameter b) {
    Map<String, SweepParameter> parameters = new LinkedHashMap<>();
    parameters.put("/a", a);
    parameters.put("/b", b);
    return new SweepSpace(parameters);
  }

  private static SweepParameter values(String json) {
    return new SweepParameter.Values(List.copyOf(StrictJson.parse(json).values()));
  }

  @Test
  void theLastParameterOfAGridChangesFastest() {
    SweepSpace space = space(values("[1, 2]"), values("[\"x\", \"y\", \"z\"]"));
    assertThat(space.gridSize()).isEqualTo(6);
    assertThat(space.grid())
        .extracting(trial -> trial.get("/a") + "" + trial.get("/b"))
        .containsExactly("1\"x\"", "1\"y\"", "1\"z\"", "2\"x\"", "2\"y\"", "2\"z\"");
    assertThat(new SweepSpace(Map.of()).grid()).containsExactly(Map.of());
  }

  @Test
  void aGridThatIsTooLargeIsNotCounted() {
    Map<String, SweepParameter> many = new LinkedHashMap<>();
    String list =
        "[" + String.join(",", IntStream.range(0, 1000).mapToObj(String::valueOf).toList()) + "]";
    IntStream.range(0, 20).forEach(i -> many.put("/" + i, values(list)));
    assertThat(new SweepSpace(many).gridSize()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void wholeNumbersAreDrawnEvenlyWithBothEnds() {
    var range = new SweepParameter.Range(2, 5, SweepParameter.Scale.LINEAR, true);
    int[] counts = new int[6];
    for (Map<String, JsonNode> trial : space(range, values("[0]")).drawn(4000, 3)) {
      counts[Objects.requireNonNull(trial.get("/a")).intValue()]++;
    }
    assertThat(counts[2] + counts[3] + counts[4] + counts[5]).isEqualTo(4000);
    assertThat(IntStream.rangeClosed(2, 5).map(i -> counts[i]).toArray())
        .satisfies(each -> assertThat(IntStream.of(each)).allMatch(count -> count > 850));
  }

  @Test
  void aLogScaleDrawsEachPowerOfTenAsOften() {
    var range = new SweepParameter.Range(0.001, 10, SweepParameter.Scale.LOG, false);
    int[] counts = new int[4];
    for (Map<String, JsonNode> trial : space(range, values("[0]")).drawn(4000, 3)) {
      double value = Objects.requireNonNull(trial.get("/a")).doubleValue();
      assertThat(value).isBetween(0.001, 10.0);
      counts[Math.min(3, (int) (Math.log10(value) + 3))]++;
    }
    assertThat(IntStream.of(counts)).allMatch(count -> count > 850);
  }

  @Test
  void aRangeKnowsANumberThatIsNotWhole() {
    var scale = SweepParameter.Scale.LINEAR;
    assertThat(new SweepParameter.Range(2, 8, scale, false).fraction().doubleValue())
        .isEqualTo(5.5);
    assertThat(new SweepParameter.Range(2, 3, scale, false).fraction().doubleValue())
        .isEqualTo(2.5);
  }

  /** Jamieson and Talwalkar: a third of the trials, three times the epochs. */
  @Test
  void rungsHaveAThirdOfTheTrialsAndThreeTimesTheEpochs() {
    assertThat(Rungs.halving(9, 27).steps())
        .containsExactly(new Rungs.Rung(9, 3), new Rungs.Rung(3, 9), new Rungs.Rung(1, 27));
    assertThat(Rungs.halving(20, 200).steps())
        .containsExactly(new Rungs.Rung(20, 22), new Rungs.Rung(6, 66), new Rungs.Rung(2, 200));
    assertThat(Rungs.halving(2, 50).steps()).containsExactly(new Rungs.Rung(2, 50));
    assertThat(Rungs.halving(100, 2).steps()).containsExactly(new Rungs.Rung(100, 2));
  }
}
