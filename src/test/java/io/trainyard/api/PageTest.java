package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages that end by number and by bytes show every item once, and hold few in memory. */
class PageTest {
  private static final int ITEMS = 100;

  /** The most items that one page asked the store for. */
  private int largestAsk;

  private List<Long> store(Page page) {
    Long after = page.afterNumber();
    largestAsk = Math.max(largestAsk, page.limit());
    return LongStream.range(after == null ? 0 : after + 1, ITEMS)
        .limit(page.limit())
        .boxed()
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 1000000",
    "1, 1000000",
    "500, 1000000",
    "500, 50",
    "7, 50",
    "500, 1",
    "100, 100"
  })
  void everyItemIsShownOnce(int size, long maxBytes) {
    List<Long> shown = new ArrayList<>();
    String token = "";
    do {
      Page.Slice<Long> slice =
          Page.of(size, token).fill(this::store, String::valueOf, item -> 10, maxBytes);
      assertThat(slice.items()).isNotEmpty().hasSizeLessThanOrEqualTo(size);
      assertThat(slice.items().size() * 10L).isLessThan(maxBytes + 10);
      shown.addAll(slice.items());
      token = slice.nextPageToken();
    } while (!token.isEmpty());
    assertThat(shown).isEqualTo(LongStream.range(0, ITEMS).boxed().toList());
  }

  @Test
  void storeIsAskedForFewLargeItemsAtOnce() {
    Page.of(500, "").fill(this::store, String::valueOf, item -> 1_000_000, 4_000_000);
    assertThat(largestAsk).isLessThanOrEqualTo(4);
  }

  @Test
  void emptyListHasNoNextPage() {
    Page.Slice<Long> slice = Page.of(10, "").fill(_ -> List.of(), String::valueOf, item -> 1, 100);
    assertThat(slice.items()).isEmpty();
    assertThat(slice.nextPageToken()).isEmpty();
  }
}
