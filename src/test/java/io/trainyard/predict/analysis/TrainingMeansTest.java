package io.trainyard.predict.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.ColumnType;
import io.trainyard.dataset.DatasetCatalogue;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.InMemoryDatasets;
import io.trainyard.dataset.Upload;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.InputEncoding;
import io.trainyard.json.StrictJson;
import io.trainyard.label.Labels;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.StoredWeights;
import io.trainyard.tensor.Device;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

/** The mean row of ten rows: two without a number, two without a color. */
class TrainingMeansTest {
  private static final DatasetVersion DATASET =
      new DatasetVersion(
          "d",
          1,
          Upload.Format.CSV,
          "ab".repeat(32),
          1,
          10,
          0,
          100,
          List.of(
              column("n", ColumnType.NUMBER, 2, 6, 5.0),
              column(
                  "color",
                  ColumnType.STRING,
                  2,
                  4,
                  null,
                  new ColumnProfile.Top("red", 4),
                  new ColumnProfile.Top("blue", 2)),
              column(
                  "side",
                  ColumnType.STRING,
                  0,
                  2,
                  null,
                  new ColumnProfile.Top("l", 8),
                  new ColumnProfile.Top("r", 2))),
          List.of(),
          Instant.EPOCH,
          Labels.NONE);

  private final TrainingMeans means =
      new TrainingMeans(
          (DatasetCatalogue)
              Proxy.newProxyInstance(
                  DatasetCatalogue.class.getClassLoader(),
                  new Class<?>[] {DatasetCatalogue.class},
                  (_, method, _) -> {
                    assertThat(method.getName()).isEqualTo("find");
                    return Optional.of(DATASET);
                  }),
          new InMemoryDatasets());

  private static Column column(
      String name,
      ColumnType type,
      long nulls,
      long distinct,
      @Nullable Double mean,
      ColumnProfile.Top... top) {
    return new Column(
        name,
        type,
        null,
        false,
        new ColumnProfile(
            nulls, distinct, null, null, mean, null, null, List.of(top), List.of(), null));
  }

  private double[] mean(int width, String columns) throws TrainingMeans.UnknownMeanException {
    Encoding encoding =
        Encoding.fromJson(
            StrictJson.parse(
                """
                {'inputs':{'x':{'type':'float32','shape':[%d],'columns':[%s]}},
                 'targets':{'y':{'output':'o','kind':'class','column':'y','type':'string','classes':['no','yes']}}}
                """
                    .formatted(width, columns)
                    .replace('\'', '"')));
    InputEncoding input = Objects.requireNonNull(encoding.inputs().get("x"));
    return means.of(
        new ModelVersion(
            1,
            "m",
            1,
            JsonNodeFactory.instance.objectNode(),
            null,
            JsonNodeFactory.instance.objectNode(),
            new Provenance.Trained("job", "d@1", "00", 1, Device.CPU, 1, Map.of(), null),
            new StoredWeights("00", 0),
            List.of(),
            Instant.EPOCH,
            Labels.NONE),
        input);
  }

  private static void assertIs(double[] mean, double... expected) {
    assertThat(mean).containsExactly(expected, within(1e-6));
  }

  @Test
  void aScaledNumberIsZeroAndAnotherItsMean() throws TrainingMeans.UnknownMeanException {
    String plain =
        "{'column':'n','type':'number','scale':'none','impute':%s,'offset':0,'span':1%s}";
    assertIs(
        mean(
            1,
            "{'column':'n','type':'number','scale':'standard','impute':'mean','offset':5,'span':2,'fill':5}"),
        0);
    assertIs(mean(1, plain.formatted("{'constant':0}", ",'fill':0")), 5);
    assertIs(
        mean(
            3,
            plain.formatted("{'constant':0}", ",'fill':0,'missing_indicator':true") + "," + side()),
        5,
        0.2,
        -0.6);
  }

  private static String side() {
    return "{'column':'side','type':'string','encode':'sign','unknown':'error','categories':['l','r']}";
  }

  /** Eight rows have a color: four red, two blue, two others. */
  @Test
  void aCategoryIsTheSharesOfItsRows() throws TrainingMeans.UnknownMeanException {
    String color = "{'column':'color','type':'string','encode':'one_hot',%s}";
    String two = "'categories':['red','blue']";
    assertIs(mean(2, color.formatted("'unknown':'zeros'," + two)), 0.5, 0.25);
    assertIs(mean(3, color.formatted("'unknown':'index'," + two)), 0.5, 0.25, 0.25);
    assertIs(
        mean(4, color.formatted("'unknown':'index','missing':true," + two)), 0.4, 0.2, 0.2, 0.2);
    assertIs(
        mean(
            5,
            color.formatted(
                "'unknown':'error','missing':true,'categories':['red','blue','green','white']")),
        0.4,
        0.2,
        0.1,
        0.1,
        0.2);
  }

  @Test
  void aDatasetThatIsGoneHasNoMeans() {
    assertThatThrownBy(
            () ->
                mean(
                    1,
                    "{'column':'gone','type':'string','encode':'sign','unknown':'error','categories':['l','r']}"))
        .hasMessageContaining("The mean of column 'gone' is not known: m@1 has no dataset");
  }
}
