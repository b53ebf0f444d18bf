package io.trainyard.store.backup;

import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The keys of an installation while those of a backup take their place. The operator's own key
 * stays, and all keys stay when the backup has none that can make others: nobody is locked out.
 */
final class KeptKeys {
  static final String TABLE = "access_keys";

  /** How the ids of keys begin that the operator has chosen. */
  private static final String CHOSEN = "env-";

  private final JdbcClient jdbc;
  private final List<Map<String, Object>> before;

  private KeptKeys(JdbcClient jdbc) {
    this.jdbc = jdbc;
    this.before = jdbc.sql("select * from " + TABLE).query().listOfRows();
  }

  /** Reads all keys in the transaction of a connection, which stays open. */
  static KeptKeys of(Connection connection) {
    return new KeptKeys(JdbcClient.create(new SingleConnectionDataSource(connection, true)));
  }

  /** Stores what stays beside the keys of the backup. */
  void putBack() {
    boolean locked = !hasAdmin();
    if (before.stream().anyMatch(KeptKeys::isChosen)) {
      // The key that another operator chose is not valid here.
      jdbc.sql("delete from access_keys where id like 'env-%'").update();
    }
    for (Map<String, Object> key : before) {
      if (isChosen(key)) {
        // Another row with this key, perhaps with fewer scopes, would take the operator's place.
        jdbc.sql("delete from access_keys where sha256 = :sha256")
            .param("sha256", key.get("sha256"))
            .update();
      }
      if ((locked || isChosen(key)) && !isThere(key)) {
        insert(key);
      }
    }
  }

  private static boolean isChosen(Map<String, Object> key) {
    return Objects.toString(key.get("id")).startsWith(CHOSEN);
  }

  private boolean hasAdmin() {
    return jdbc.sql(
                "select count(*) from access_keys"
                    + " where expires_at is null and ' ' || scopes || ' ' like '% admin %'")
            .query(Long.class)
            .single()
        > 0;
  }

  private boolean isThere(Map<String, Object> key) {
    return jdbc.sql("select count(*) from access_keys where id = :id or sha256 = :sha256")
            .param("id", key.get("id"))
            .param("sha256", key.get("sha256"))
            .query(Long.class)
            .single()
        > 0;
  }

  private void insert(Map<String, Object> key) {
    List<String> columns = List.copyOf(key.keySet());
    jdbc.sql(
            "insert into access_keys (%s) values (:%s)"
                .formatted(String.join(", ", columns), String.join(", :", columns)))
        .params(key)
        .update();
  }
}
