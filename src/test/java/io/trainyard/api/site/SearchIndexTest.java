package io.trainyard.api.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A search finds what people know, under the name by which they know it. */
class SearchIndexTest {
  private static final SearchIndex INDEX = new SearchIndex(DocPages.packaged());

  private static List<String> paths(String query) {
    return INDEX.find(query).stream().map(SearchIndex.Result::path).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "conv2d, /docs/reference/layers-convolution#conv2d",
    "Conv2D, /docs/reference/layers-convolution#conv2d",
    "torch.nn.Conv2d, /docs/reference/layers-convolution#conv2d",
    "fullyConnectedLayer, /docs/reference/layers-core#dense",
    "trainlm, /docs/reference/optimizers#levenberg_marquardt",
    "hardlim, /docs/reference/activations#step",
    "EarlyStopping, /docs/reference/training#earlystopping",
    "early stopping, /docs/reference/training#earlystopping",
    "early_stopping, /docs/reference/training#earlystopping",
    "evictions, /docs/reference/service-metrics#all-metrics",
    "queue_full, /docs/reference/errors#queue_full",
    "queue full, /docs/reference/errors#queue_full",
    "trainyard.jobs.heartbeat, /docs/reference/configuration#trainyardjobs",
    "train a model jobs, /docs/reference/http-jobs#post-v1jobs",
    "one_hot, /docs/reference/encodings#one_hot",
    "TrainyardDown, /docs/runbooks/down",
    "mixed columns, /docs/guides/data#mixed-columns",
    "mixed table, /docs/tutorials/mixed-table",
    "overfitting, /docs/guides/training#overfitting",
    "pandas, /docs/guides/data#from-pandas",
    "limitations, /docs/guides/limitations"
  })
  void finds(String query, String path) {
    assertThat(paths(query).stream().limit(10)).contains(path);
  }

  @Test
  void aTitleComesBeforeAHeadingBeforeANameBeforeText() {
    assertThat(paths("Optimizers").getFirst()).isEqualTo("/docs/reference/optimizers");
    assertThat(paths("adam").getFirst()).isEqualTo("/docs/reference/optimizers#adam");
    assertThat(paths("hardlim").getFirst()).endsWith("#step");
  }

  @Test
  void findsNoWordWithinAnother() {
    assertThat(paths("neuron")).isNotEmpty();
    assertThat(INDEX.find("euro"))
        .isNotEmpty()
        .allSatisfy(
            result -> assertThat(result.snippet()).containsPattern("(?i)(?<![\\p{L}\\p{N}])euro"));
    assertThat(paths("arning")).isEmpty();
    assertThat(paths("heartbeat")).contains("/docs/reference/configuration#trainyardjobs");
  }

  @Test
  void everyWordMustBeThere() {
    assertThat(paths("adam zzzyyy")).isEmpty();
    assertThat(paths("")).isEmpty();
    assertThat(paths("§ — !")).isEmpty();
  }

  @Test
  void aWordNeedsALetterOrADigit() {
    for (String query : List.of("_", "__", "_ _", "___ _")) {
      assertThat(SearchIndex.words(query)).isEmpty();
      assertTimeoutPreemptively(
          Duration.ofSeconds(20), () -> assertThat(paths(query)).as(query).isEmpty());
    }
    assertThat(SearchIndex.words("_ adam")).containsExactly("adam");
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(paths("__init__ _a a_")).isNotNull());
  }

  @Test
  void aLongQueryIsCut() {
    assertThat(SearchIndex.words("a b c d e f g h i j")).hasSize(8);
    assertThat(paths("adam ".repeat(1000))).isEqualTo(paths("adam"));
    assertThat(paths("e").size()).isLessThanOrEqualTo(30);
  }

  @Test
  void aSnippetShowsTheWordOrHowTheSectionBegins() {
    assertThat(INDEX.find("missed heartbeats").getFirst().snippet()).contains("heartbeats");
    assertThat(INDEX.find("conv2d").getFirst().snippet()).startsWith("Kernels that slide");
  }
}
