package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetRows;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.InMemoryDatasets;
import io.trainyard.dataset.Rows;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The trials of a sweep are checked one after the other, and have the same rows. Those of a dataset
 * that is too large to be kept are read for the first one alone.
 */
class RepeatedChecksTest {
  /** With the six rows of a dataset, more values of one column than are kept. */
  private static final int REPEATS = 90_000;

  private final InMemoryDatasets datasets = new InMemoryDatasets(REPEATS);
  private final List<String> queries = new ArrayList<>();
  private final DatasetPlanner planner =
      new DatasetPlanner(
          datasets, new Counted(), TensorMemory.resident(), (_, _) -> Optional.empty());

  /** Notes each query. */
  private final class Counted implements DatasetRows {
    @Override
    public Selected select(DatasetVersion version, @Nullable String where, List<String> columns) {
      queries.add("select " + where);
      return datasets.select(version, where, columns);
    }

    @Override
    public void scan(
        DatasetVersion version,
        @Nullable String where,
        List<String> columns,
        Consumer<Rows> reader) {
      queries.add("scan " + columns);
      datasets.scan(version, where, columns, reader);
    }

    @Override
    public void first(
        DatasetVersion version,
        @Nullable String where,
        List<String> columns,
        int limit,
        Consumer<Rows> reader) {
      queries.add("first " + limit + " " + columns);
      datasets.first(version, where, columns, limit, reader);
    }

    @Override
    public List<String> distinct(
        DatasetVersion version, @Nullable String where, String column, int least, int limit) {
      queries.add("distinct " + column);
      return datasets.distinct(version, where, column, least, limit);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          one part                | "name": "t"
          random                  | "name": "t", "split": {"validation": 0.2, "test": 0.1}
          stratified              | "name": "t", "split": {"validation": 0.2, "stratify": "y"}
          file order              | "name": "t", "split": {"validation": 0.2, "by": "file_order"}
          by group                | "name": "t", "split": {"validation": 0.2, "by": "group", "group": "g"}
          by column               | "name": "t", "split": {"by": "column", "column": "p"}
          a fold                  | "name": "t", "split": {"fold": {"number": 2, "of": 3}}
          a fold of groups        | "name": "t", "split": {"by": "group", "group": "g", "fold": {"number": 2, "of": 2}}
          a condition             | "name": "t", "where": "all", "split": {"validation": 0.2}
          a condition on groups   | "name": "t", "where": "all", "split": {"validation": 0.2, "by": "group", "group": "g"}
          a validation dataset    | "name": "t", "validation_dataset": {"name": "v"}
          """)
  void theSameRowsAreReadOnce(String shape, String selection) {
    String csv =
        """
        a,s,g,p,y,at
        1,x,k,training,no,1
        2,z,l,training,yes,2
        3,x,m,validation,no,3
        4,z,n,training,yes,4
        5,x,o,test,no,5
        6,z,q,training,yes,6
        """;
    datasets.csv("t", csv);
    datasets.csv("v", csv);
    datasets.condition("all", _ -> true);
    for (String inputs :
        List.of(
            "{\"x\": {\"columns\": [\"a\", \"s\"]}}",
            "{\"x\": {\"columns\": [\"a\"], \"window\": {\"length\": 2, \"group\": \"g\"}}}")) {
      ModelSpec model = TestPreparation.model(inputs, "{\"y\": {\"column\": \"y\"}}");
      List<Violation> first = check(model, "{%s}".formatted(selection));
      queries.clear();
      assertThat(check(model, "{%s}".formatted(selection))).isEqualTo(first);
      assertThat(queries).as("%s of %s", shape, inputs).isEmpty();
    }
  }

  /** The faults of a check, which reads all that the check of a job does. */
  private List<Violation> check(ModelSpec model, String selection) {
    Violations violations = new Violations();
    Preparation asked = TestPreparation.rows(model, selection, null);
    DataPlan plan = planner.check(asked, violations).plan();
    if (plan != null) {
      var _ = planner.rowWarnings(plan, asked.seed(), false);
      var _ = Objects.requireNonNull(planner.firstRows(plan));
    }
    return violations.list();
  }
}
