package io.trainyard.store.access;

import io.trainyard.access.Identity;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Says who keeps a thing from being deleted: by name where the caller may know it, else by count.
 */
public final class Holders {
  private final JdbcClient jdbc;

  public Holders(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Unfinished jobs, as in "the job 0190…, which has not ended". */
  public String jobs(Collection<String> ids) {
    Identity caller = Identity.current();
    Map<String, Object> parameters = new HashMap<>(Map.of("ids", ids));
    List<String> known =
        jdbc.sql(
                "select id from jobs where id in (:ids)"
                    + BoundNames.and(caller.models(), "model", parameters)
                    + BoundNames.and(caller.datasets(), "dataset_name", parameters)
                    + " order by id fetch first 1 rows only")
            .params(parameters)
            .query(String.class)
            .list();
    return known.isEmpty()
        ? others(ids.size(), "an unfinished job", "unfinished jobs")
        : "the job " + known.getFirst() + ", which has not ended";
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
