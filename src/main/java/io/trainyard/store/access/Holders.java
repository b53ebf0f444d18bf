package io.trainyard.store.access;

import io.trainyard.access.Identity;
import io.trainyard.job.Task;
import io.trainyard.store.database.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Says who keeps a thing from being deleted: by name where the caller may know it, otherwise by
 * count.
 */
public final class Holders {
  /** Jobs, the oldest ones, of which one is named. */
  private static final int LOOKED_AT = 100;

  private final JdbcClient jdbc;

  public Holders(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Unfinished jobs, as in "the job 0190…, which has not ended". */
  public String jobs(Collection<String> ids) {
    Identity caller = Identity.current();
    Map<String, Object> parameters = new HashMap<>(Map.of("ids", ids));
    Optional<Holding> known =
        jdbc
            .sql(
                "select id, model, dataset_name, dataset_version, spec, request from jobs"
                    + " where id in (:ids)"
                    + BoundNames.and(caller.models(), "model", parameters)
                    + BoundNames.and(caller.datasets(), "dataset_name", parameters)
                    + " order by id fetch first %d rows only".formatted(LOOKED_AT))
            .params(parameters)
            .query(Holding::read)
            .list()
            .stream()
            .filter(job -> job.task().isVisibleTo(caller))
            .findFirst();
    return known
        .map(job -> "the job " + job.id() + ", which has not ended")
        .orElseGet(() -> others(ids.size(), "an unfinished job", "unfinished jobs"));
  }

  /**
   * A job that holds something.
   *
   * @param task names the models and datasets of the job; its kind does not matter here
   */
  private record Holding(String id, Task task) {
    static Holding read(ResultSet row, int number) throws SQLException {
      return new Holding(
          row.getString("id"),
          new Task.Sweep(
              row.getString("model"),
              Json.read(row.getString("spec")),
              Json.read(row.getString("request")),
              new Task.DatasetReference(
                  row.getString("dataset_name"), row.getInt("dataset_version")),
              new Task.Placement("", 0),
              List.of()));
    }
  }

  /** Models, as in "the model 'iris'". */
  public static String models(List<String> names) {
    return known(names, name -> name)
        .map("the model '%s'"::formatted)
        .orElseGet(() -> others(names.size(), "a model", "models"));
  }

  /** Versions, as in "iris@1". */
  public static String versions(List<String> references) {
    return known(references, reference -> reference.substring(0, reference.lastIndexOf('@')))
        .orElseGet(() -> others(references.size(), "a version", "versions"));
  }

  private static Optional<String> known(List<String> all, UnaryOperator<String> model) {
    Identity caller = Identity.current();
    return all.stream().filter(each -> caller.permitsModel(model.apply(each))).findFirst();
  }

  private static String others(int count, String one, String many) {
    return (count == 1 ? one : count + " " + many) + " of others";
  }
}
