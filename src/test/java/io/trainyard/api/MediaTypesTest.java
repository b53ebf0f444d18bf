package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;

/** Which of several types an {@code Accept} header asks for, as RFC 9110, 12.5.1, says. */
class MediaTypesTest {
  private static final MediaType PARQUET = MediaType.parseMediaType("application/x-parquet");
  private static final MediaType CSV = MediaType.parseMediaType("text/csv");

  private static MediaType preferred(@Nullable String accept)
      throws HttpMediaTypeNotAcceptableException {
    return MediaTypes.preferred(accept, List.of(PARQUET, CSV));
  }

  @Test
  void theFirstTypeIsForACallerWithoutAPreference() throws Exception {
    assertThat(preferred(null)).isEqualTo(PARQUET);
    assertThat(preferred("*/*")).isEqualTo(PARQUET);
    assertThat(preferred("text/html, */*;q=0.8")).isEqualTo(PARQUET);
    assertThat(preferred("text/csv;q=0.5, application/x-parquet;q=0.5")).isEqualTo(CSV);
  }

  @Test
  void theHighestQualityOfTheMostSpecificRangeWins() throws Exception {
    assertThat(preferred("text/csv, */*")).isEqualTo(CSV);
    assertThat(preferred("text/csv;q=0.1, */*")).isEqualTo(PARQUET);
    assertThat(preferred("text/csv;q=0.9, application/x-parquet")).isEqualTo(PARQUET);
    assertThat(preferred("text/*, application/json")).isEqualTo(CSV);
    assertThat(preferred("application/x-parquet;q=0, */*;q=0.1")).isEqualTo(CSV);
  }

  @Test
  void whatIsNotAcceptedIsRefused() {
    for (String accept : List.of("application/json", "text/csv;q=0", "image/*", "nonsense")) {
      assertThatThrownBy(() -> preferred(accept))
          .as(accept)
          .isInstanceOf(HttpMediaTypeNotAcceptableException.class);
    }
  }
}
