package io.trainyard.api;

import io.trainyard.label.Selection;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestParam;

/** What a list of labelled things is asked for: which of them, and which page. */
public record ListQuery(Selection selection, Page page) {
  /** {@code tag} is here to be known and documented; {@link Selections} reads the tags. */
  @FromQuery
  public static ListQuery of(
      @RequestParam(required = false) @Nullable List<String> tag,
      @RequestParam(required = false) @Nullable String owner,
      @RequestParam(name = "order_by", required = false) @Nullable String orderBy,
      @RequestParam(name = "created_after", required = false) @Nullable String createdAfter,
      @RequestParam(required = false) @Nullable String archived,
      HttpServletRequest request,
      @RequestParam(name = "page_size", required = false) @Nullable Integer size,
      @RequestParam(name = "page_token", required = false) @Nullable String token) {
    Page page = Page.of(size, token);
    return new ListQuery(Selections.of(request, owner, orderBy, createdAfter, archived), page);
  }
}
