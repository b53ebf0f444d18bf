package io.trainyard.api.job;

import io.trainyard.access.Names;
import io.trainyard.api.FromQuery;
import io.trainyard.api.ListQuery;
import io.trainyard.api.Page;
import io.trainyard.error.ServiceException;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobState;
import io.trainyard.job.Task;
import io.trainyard.label.Selection;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RequestParam;

/** What a list of jobs or sweeps is asked for: which of them, and which page. */
record JobQuery(JobFilter filter, Page page) {
  private static final Pattern MODEL = Pattern.compile(Names.FORM);
  private static final Pattern ID = EventPositions.ID;

  /** Orders whose cursor is an id alone. */
  private static final Set<String> BY_AGE = Set.of("created_at", "id");

  /**
   * An id behind the value that a list is sorted by. An owner may have a '|' in its name, as in the
   * subjects of Auth0.
   */
  private static final Pattern PLACE = Pattern.compile("(?s).{0,300}\\|" + ID.pattern());

  /** As {@link ListQuery#of}, with the filters of jobs. */
  @FromQuery
  static JobQuery of(
      @RequestParam(required = false) @Nullable String model,
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(required = false) @Nullable String kind,
      @RequestParam(required = false) @Nullable List<String> tag,
      @RequestParam(required = false) @Nullable String owner,
      @RequestParam(name = "order_by", required = false) @Nullable String orderBy,
      @RequestParam(name = "created_after", required = false) @Nullable String createdAfter,
      @RequestParam(required = false) @Nullable String archived,
      HttpServletRequest request,
      @RequestParam(name = "page_size", required = false) @Nullable Integer size,
      @RequestParam(name = "page_token", required = false) @Nullable String token) {
    ListQuery query =
        ListQuery.of(tag, owner, orderBy, createdAfter, archived, request, size, token);
    requireForm("model", MODEL, model);
    return new JobQuery(
        new JobFilter(
            model,
            state == null ? null : state(state),
            null,
            query.page().afterText(cursor(query.selection().order())),
            kind == null ? null : oneOf("kind", kind, Task.KINDS),
            query.selection()),
        query.page());
  }

  /** Where the page before ended; in an order that is not by age a value stands before the id. */
  private static Pattern cursor(Selection.@Nullable Order order) {
    return order == null || BY_AGE.contains(order.key()) ? ID : PLACE;
  }

  /** The jobs of a sweep alone; null: of any, and of none. */
  JobFilter ofSweep(@Nullable String sweep) {
    requireForm("sweep", ID, sweep);
    return new JobFilter(
        filter.model(), filter.state(), sweep, filter.before(), filter.kind(), filter.selection());
  }

  private static void requireForm(String parameter, Pattern form, @Nullable String text) {
    if (text != null && !form.matcher(text).matches()) {
      throw ServiceException.parameter(
          parameter + " must match " + form.pattern() + ", was '" + text + "'");
    }
  }

  private static JobState.Name state(String word) {
    List<JobState.Name> names = List.of(JobState.Name.values());
    String known = oneOf("state", word, names.stream().map(JobState.Name::word).toList());
    return names.stream().filter(name -> name.word().equals(known)).findFirst().orElseThrow();
  }

  private static String oneOf(String parameter, String word, List<String> words) {
    if (!words.contains(word)) {
      throw ServiceException.parameter(
          "%s must be one of %s, was '%s'".formatted(parameter, String.join(", ", words), word));
    }
    return word;
  }
}
