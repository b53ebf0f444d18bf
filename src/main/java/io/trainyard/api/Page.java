package io.trainyard.api;

import io.trainyard.error.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The page of a list that a caller asks for. A store is asked for {@link #limit} items after {@link
 * #after}, one more than the page shows: the extra item tells that there is a next page.
 *
 * @param size the largest number of items
 * @param after the cursor of the previous page's last item, or null for the first page
 */
public record Page(int size, @Nullable String after) {
  private static final int DEFAULT_SIZE = 50;
  private static final int MAX_SIZE = 500;

  @FromQuery
  public static Page of(
      @RequestParam(name = "page_size", required = false) @Nullable Integer size,
      @RequestParam(name = "page_token", required = false) @Nullable String token) {
    if (size != null && size < 0) {
      throw ServiceException.parameter("page_size must be 0 or more, was " + size);
    }
    int coerced = size == null || size == 0 ? DEFAULT_SIZE : Math.min(size, MAX_SIZE);
    return new Page(coerced, token == null || token.isEmpty() ? null : decode(token));
  }

  public int limit() {
    return size + 1;
  }

  /** The first {@link #size} of the items that a store found. */
  public <T> Slice<T> slice(List<T> found, Function<T, String> cursor) {
    if (found.size() <= size) {
      return new Slice<>(found, "");
    }
    List<T> items = found.subList(0, size);
    return new Slice<>(items, encode(cursor.apply(items.getLast())));
  }

  /**
   * As many items as the page takes, at most about so many bytes of them, but at least one. Asks
   * the store for a few at a time, so that no more than a page is ever in memory.
   */
  public <T> Slice<T> fill(
      Function<Page, List<T>> store,
      Function<T, String> cursor,
      ToLongFunction<T> bytes,
      long maxBytes) {
    List<T> items = new ArrayList<>();
    long total = 0;
    String last = after;
    while (true) {
      // Few at first; then as many as should fit, and the extra one.
      long fitting = items.isEmpty() ? 2 : (maxBytes - total) * items.size() / Math.max(total, 1);
      int asked = Math.clamp(fitting + 1, 1, size + 1 - items.size());
      List<T> found = store.apply(new Page(asked - 1, last));
      for (T item : found) {
        if (items.size() == size || (total >= maxBytes && !items.isEmpty())) {
          return new Slice<>(items, encode(cursor.apply(items.getLast())));
        }
        items.add(item);
        total += bytes.applyAsLong(item);
      }
      if (found.size() < asked) {
        return new Slice<>(items, "");
      }
      last = cursor.apply(items.getLast());
    }
  }

  /** The items of a page, and the token of the next page or "". */
  public record Slice<T>(List<T> items, String nextPageToken) {
    public <R> List<R> map(Function<T, R> view) {
      return items.stream().map(view).toList();
    }
  }

  /** The token of the page after a cursor. */
  public static String encode(String cursor) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(cursor.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw badToken();
    }
  }

  /** The cursor, which must match the pattern. */
  @Nullable
  public String afterText(Pattern pattern) {
    if (after != null && !pattern.matcher(after).matches()) {
      throw badToken();
    }
    return after;
  }

  /** The cursor as a number. */
  @Nullable
  public Long afterNumber() {
    try {
      Long number = after == null ? null : (Long) Long.parseLong(after);
      if (number != null && number < 0) {
        throw badToken();
      }
      return number;
    } catch (NumberFormatException e) {
      throw badToken();
    }
  }

  /** The cursor as the number of items before the page. */
  public long offset() {
    Long after = afterNumber();
    return after == null ? 0 : after;
  }

  private static ServiceException badToken() {
    return ServiceException.parameter("page_token must be a next_page_token of this service");
  }
}
