package io.trainyard.store.access;

import io.trainyard.access.Identity;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        ? ids.size() + " unfinished jobs of others"
        : "the job " + known.getFirst() + ", which has not ended";
  }

  /**
   * Models or versions of them, as in "the model 'iris'".
   *
   * @param names of the models, in the order in which they are told
   * @param one what each is, with the name in place of %s
   * @param all what they are together
   */
  public static String models(List<String> names, String one, String all) {
    Identity caller = Identity.current();
    return names.stream()
        .filter(name -> caller.permitsModel(name.replaceFirst("@.*", "")))
        .findFirst()
        .map(one::formatted)
        .orElse(names.size() + " " + all + " of others");
  }
}
