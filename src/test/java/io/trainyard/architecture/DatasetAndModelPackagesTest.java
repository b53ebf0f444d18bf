package io.trainyard.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.trainyard.spec.check.TrainingCheck;
import org.junit.jupiter.api.Test;

/** Rules inside the floors of datasets and models. */
class DatasetAndModelPackagesTest {
  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.trainyard");

  @Test
  void thePackagesOfDatasetsHaveNoCycle() {
    slices().matching("io.trainyard.(dataset..)").should().beFreeOfCycles().check(PRODUCT);
  }

  @Test
  void thePackagesOfModelsHaveNoCycle() {
    slices().matching("io.trainyard.(model..)").should().beFreeOfCycles().check(PRODUCT);
  }

  @Test
  void onlyTheReviewChecksASpec() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.trainyard.model.review..", "io.trainyard.spec..")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(TrainingCheck.class)
        .check(PRODUCT);
  }
}
