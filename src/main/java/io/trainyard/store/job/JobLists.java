package io.trainyard.store.job;

import io.trainyard.access.Identity;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobId;
import io.trainyard.label.Labelled;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.spec.training.Metric;
import io.trainyard.store.access.BoundNames;
import io.trainyard.store.database.ReadableRows;
import io.trainyard.store.label.LabelTables;
import io.trainyard.store.label.SortedBy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Pages of jobs. There may be hundreds of thousands: each order has an index, and a page is read
 * from it. A cursor is the id of the last job; in another order the value that it is sorted by
 * stands before it. Jobs without the value come last, the newest first.
 */
record JobLists(JdbcClient jdbc) {
  private static final char SEPARATOR = '|';

  /** The order of the index of tags. */
  private static final String TAGGED = "g.name, g.content, g.job_id desc";

  /** Ids grow with time. */
  private static final Set<String> BY_AGE = Set.of("created_at", "id");

  /** So many matches are sorted; more are read in the order of an index until enough match. */
  private static final int FEW = 2_000;

  List<Placed<Job>> page(JobFilter filter, int limit) {
    Selection.Order order = filter.selection().order();
    if (order == null) {
      return newest(filter, filter.before(), limit);
    }
    if (BY_AGE.contains(order.key())) {
      return order.descending()
          ? newest(filter, filter.before(), limit)
          : oldest(filter, filter.before(), limit);
    }
    return ordered(filter, order, limit);
  }

  private List<Placed<Job>> newest(JobFilter filter, @Nullable String before, int limit) {
    Query query = new Query(filter, true);
    query.and(before == null ? "" : " and t.id < :before", "before", before);
    return query.run(query.prefix() + "t.id desc", "t.id", limit, (row, job) -> job.id());
  }

  private List<Placed<Job>> oldest(JobFilter filter, @Nullable String after, int limit) {
    Query query = new Query(filter, true);
    query.and(after == null ? "" : " and t.id > :after", "after", after);
    return query.run(query.reversed() + "t.id", "t.id", limit, (row, job) -> job.id());
  }

  private List<Placed<Job>> ordered(JobFilter filter, Selection.Order order, int limit) {
    SortedMember stored = SortedMember.of(order.key(), filter.kind());
    boolean measured = stored == null;
    if (measured) {
      requireMeasured(order.key(), filter);
    }
    SortedMember member = stored == null ? SortedMember.MEASURED : stored;
    String cursor = filter.before();
    int at = cursor == null ? -1 : cursor.lastIndexOf(SEPARATOR);
    String last = cursor == null ? "" : cursor.substring(at + 1);
    boolean withValue = cursor == null || at > 0;
    List<Placed<Job>> page = new ArrayList<>();
    if (withValue) {
      Query query = new Query(filter, false);
      if (measured) {
        query.joinMeasured(order.key());
      } else {
        query.takeFew();
        query.and(" and %s is not null".formatted(member.sql()), "", null);
      }
      if (cursor != null) {
        query.after(member, order, cursor.substring(0, at), last);
      }
      page.addAll(
          query.sorted(
              member,
              order.descending() ? " desc" : "",
              limit,
              (row, job) -> member.read(row) + SEPARATOR + job.id()));
    }
    if (page.size() < limit) {
      Query query = new Query(filter, false);
      query.and(
          measured
              ? " and not exists (select 1 from job_values v where v.job_id = t.id and v.name = :metric)"
              : " and %s is null".formatted(member.sql()),
          measured ? "metric" : "",
          order.key());
      if (!withValue) {
        query.and(" and t.id < :before", "before", last);
      }
      page.addAll(
          query.run(
              query.withoutValue(member),
              "t.id",
              limit - page.size(),
              (row, job) -> SEPARATOR + job.id()));
    }
    return page;
  }

  /**
   * Only jobs that the caller may see count: else the answer would tell what others measure. A job
   * may measure a metric of the service later.
   */
  private void requireMeasured(String name, JobFilter filter) {
    String metric =
        name.startsWith(JobValues.BEST) ? name.substring(JobValues.BEST.length()) : name;
    boolean isKnown = Metric.names(metric) || SortedMember.ofTrials(filter.kind()).contains(name);
    if (!isKnown && !isMeasured(name)) {
      throw SortedBy.unknown(
          name,
          "created_at, id, %s, a metric, or '%s' and a metric"
              .formatted(SortedMember.names(filter.kind()), JobValues.BEST));
    }
  }

  private boolean isMeasured(String metric) {
    Map<String, Object> parameters = new HashMap<>(Map.of("name", metric));
    String visible = visible(parameters);
    String jobs = visible.isEmpty() ? "" : " join jobs t on t.id = v.job_id";
    return !jdbc.sql(
            "select 1 from job_values v%s where v.name = :name%s fetch first 1 rows only"
                .formatted(jobs, visible))
        .params(parameters)
        .query(Integer.class)
        .list()
        .isEmpty();
  }

  /** A condition for the jobs that the caller may see; empty for all. */
  private static String visible(Map<String, Object> parameters) {
    Identity caller = Identity.current();
    return BoundNames.and(caller.models(), "t.model", parameters)
        + BoundNames.and(caller.datasets(), "t.dataset_name", parameters);
  }

  /** Tells the next page where a job ended this one. */
  private interface Cursor {
    String of(ResultSet row, Job job) throws SQLException;
  }

  /** A select that grows. */
  private final class Query {
    private final Map<String, Object> parameters = new HashMap<>();
    private final StringBuilder conditions = new StringBuilder();
    private final List<String> fixed = new ArrayList<>();
    private String from = "jobs t";
    private boolean byIndex;

    /**
     * @param byTag whether the first tag leads to the jobs
     */
    Query(JobFilter filter, boolean byTag) {
      equal("sweep", filter.sweep());
      equal("kind", filter.kind());
      Selection selection = filter.selection();
      if (byTag && fixed.isEmpty() && !selection.tags().isEmpty()) {
        selection = byFirstTag(selection);
      }
      equal("model", filter.model());
      equal("state", filter.state() == null ? null : filter.state().word());
      conditions.append(visible(parameters));
      conditions.append(
          LabelTables.of(Labelled.JOB).and(selection, "t", "t.created_at", parameters));
      if (selection.createdAfter() != null) {
        // Ids grow with time: an index ends the search.
        and(" and t.id > :first", "first", JobId.firstAt(selection.createdAfter()));
      }
      if (selection.owner() != null && LabelTables.isOneName(selection.owner())) {
        fixed.add("t.owner_name");
      }
      if (Boolean.TRUE.equals(selection.archived())) {
        fixed.add("t.archived");
      }
    }

    private void equal(String column, @Nullable String value) {
      if (value != null) {
        conditions.append(" and t.%1$s = :%1$s".formatted(column));
        parameters.put(column, value);
        fixed.add("t." + column);
      }
    }

    /** H2 reads a tag's jobs in order only from the table of tags. */
    private Selection byFirstTag(Selection selection) {
      Map<String, String> rest = new LinkedHashMap<>(selection.tags());
      Map.Entry<String, String> first = rest.entrySet().iterator().next();
      from = "job_tags g join jobs t on t.id = g.job_id";
      conditions.append(" and g.name = :first_tag and g.content = :first_content");
      parameters.put("first_tag", first.getKey());
      parameters.put("first_content", first.getValue());
      fixed.add(TAGGED);
      rest.remove(first.getKey());
      return new Selection(
          rest,
          selection.owner(),
          selection.createdAfter(),
          selection.archived(),
          selection.order());
    }

    void and(String condition, String parameter, @Nullable Object value) {
      conditions.append(condition);
      if (!parameter.isEmpty() && value != null) {
        parameters.put(parameter, value);
      }
    }

    /**
     * The first columns of an index that has the rows in order. All rows found have the same value
     * in it, but H2 uses the index only when the order names the column.
     */
    String prefix() {
      return fixed.isEmpty() ? "" : fixed.getFirst() + ", ";
    }

    /** The same where the oldest come first: an index is read backwards. */
    String reversed() {
      if (fixed.isEmpty()) {
        return "";
      }
      return fixed.getFirst().equals(TAGGED)
          ? "g.name desc, g.content desc, g.job_id, "
          : fixed.getFirst() + " desc, ";
    }

    /** The order of jobs without a value: the newest first. */
    String withoutValue(SortedMember member) {
      if (!fixed.isEmpty() || !member.indexed() || member.equals(SortedMember.MEASURED)) {
        return prefix() + "t.id desc";
      }
      return "%s%s, t.id desc".formatted(member.sql(), member.sameWay() ? " desc" : "");
    }

    /** Takes few matches out before they are sorted. */
    void takeFew() {
      if (isFew()) {
        from = "(select * from %s where 1 = 1%s) t".formatted(from, conditions);
        conditions.setLength(0);
      }
    }

    /** Adds what a job measured. */
    void joinMeasured(String metric) {
      parameters.put("metric", metric);
      if (isFew()) {
        from =
            "(select * from %s where 1 = 1%s) t join job_values v on v.job_id = t.id and v.name = :metric"
                .formatted(from, conditions);
        conditions.setLength(0);
        return;
      }
      from = "job_values v join jobs t on t.id = v.job_id";
      conditions.append(" and v.name = :metric");
      byIndex = true;
    }

    /** Whether conditions leave so few jobs that they are sorted quickly. */
    private boolean isFew() {
      if (fixed.isEmpty() && !conditions.toString().contains("tag")) {
        return false;
      }
      return jdbc.sql(
                  "select count(*) from (select t.id from %s where 1 = 1%s fetch first %d rows only) x"
                      .formatted(from, conditions, FEW + 1))
              .params(parameters)
              .query(Integer.class)
              .single()
          <= FEW;
    }

    /** Begins behind a job. */
    void after(SortedMember member, Selection.Order order, String value, String id) {
      String beyond = order.descending() ? "<" : ">";
      conditions.append(
          " and %1$s %2$s= :last and (%1$s %2$s :last or t.id %3$s :id)"
              .formatted(member.sql(), beyond, member.sameWay() == order.descending() ? "<" : ">"));
      parameters.put("last", member.parse(value));
      parameters.put("id", id);
    }

    /**
     * Reads a page in the order of a member.
     *
     * @param direction " desc", or "" for the smallest first
     */
    List<Placed<Job>> sorted(SortedMember member, String direction, int limit, Cursor cursor) {
      String ids = member.sameWay() == direction.isEmpty() ? "" : " desc";
      if (!member.indexed()) {
        return sortedWithoutIndex(member, direction + ", t.id" + ids, limit, cursor);
      }
      // H2 reads what jobs measured in order only when all columns of the index are named.
      return run(
          byIndex
              ? "v.name%1$s, v.amount%1$s, v.job_id%1$s".formatted(direction)
              : member.sql() + direction + ", t.id" + ids,
          member.sql(),
          limit,
          cursor);
    }

    /** Sorts the ids alone: rows are long. */
    private List<Placed<Job>> sortedWithoutIndex(
        SortedMember member, String rest, int limit, Cursor cursor) {
      String ids =
          "select t.id as sorted_id, %1$s as sorted_by from %2$s where 1 = 1%3$s order by %1$s%4$s"
              .formatted(member.sql(), from, conditions, rest);
      return page(
          "select %s, sorted_by from (%s offset %%d rows fetch first %%d rows only) k join jobs t on t.id = k.sorted_id order by sorted_by%s"
              .formatted(JobRows.COLUMNS, ids, rest),
          limit,
          cursor);
    }

    /**
     * Reads a page.
     *
     * @param sorted the value that the cursor needs
     */
    List<Placed<Job>> run(String order, String sorted, int limit, Cursor cursor) {
      return page(
          "select %s, %s as sorted_by from %s where 1 = 1%s order by %s offset %%d rows fetch first %%d rows only"
              .formatted(JobRows.COLUMNS, sorted, from, conditions, order),
          limit,
          cursor);
    }

    private List<Placed<Job>> page(String sql, int limit, Cursor cursor) {
      return ReadableRows.page(
          limit,
          before -> jdbc.sql(sql.formatted(before, limit)).params(parameters),
          row -> {
            Job job = JobRows.read(row, 0);
            return new Placed<>(job, cursor.of(row, job));
          });
    }
  }
}
