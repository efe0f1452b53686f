package io.aiopslab.tasks.standalone;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.aiopslab.tasks.loop.Threads;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The rules that keep the modules apart; here, because this module sees all of them. */
@AnalyzeClasses(
    packages = "io.aiopslab.tasks",
    importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.NoTestJars.class})
class ArchitectureTest {

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.aiopslab.tasks.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheStoreEdgeUsesJdbc =
      noClasses()
          .that()
          .resideOutsideOfPackage("..store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "org.springframework.jdbc..", "org.postgresql..");

  @ArchTest
  static final ArchRule theClockIsAsked =
      noClasses()
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(OffsetDateTime.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule onlyThreadsMakesThreads =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(Threads.class.getName())
          .should()
          .callConstructorWhere(target(owner(assignableTo(Thread.class))))
          .orShould()
          .callConstructorWhere(target(owner(assignableTo(ExecutorService.class))))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(Executors.class);

  /** Tasks are what the other features are about; a session is a task that is submitted. */
  @ArchTest
  static final ArchRule featuresOfTheApiDoNotReachIntoEachOther =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("relay")
          .definedBy("..tasks.api.relay..")
          .layer("workers")
          .definedBy("..tasks.api.workers..")
          .layer("tasks")
          .definedBy("..tasks.api.tasks..")
          .layer("submit")
          .definedBy("..tasks.api.submit..")
          .layer("sessions")
          .definedBy("..tasks.api.sessions..")
          .layer("follow")
          .definedBy("..tasks.api.follow..")
          .layer("trajectories")
          .definedBy("..tasks.api.trajectories..")
          .layer("operate")
          .definedBy("..tasks.api.operate..")
          .whereLayer("relay")
          .mayOnlyBeAccessedByLayers("workers", "tasks", "submit", "sessions", "operate")
          .whereLayer("workers")
          .mayOnlyBeAccessedByLayers("tasks", "operate")
          .whereLayer("tasks")
          .mayOnlyBeAccessedByLayers("submit", "sessions", "follow", "trajectories", "operate")
          .whereLayer("submit")
          .mayOnlyBeAccessedByLayers("sessions")
          .whereLayer("sessions")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("follow")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("trajectories")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("operate")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule theApiKnowsNoOtherService = servesAlone("api", "worker", "collector");

  @ArchTest
  static final ArchRule theWorkerKnowsNoOtherService = servesAlone("worker", "api", "collector");

  @ArchTest
  static final ArchRule theCollectorKnowsNoOtherService = servesAlone("collector", "api", "worker");

  @ArchTest
  static final ArchRule theVocabularyKnowsNothingElse =
      classes()
          .that()
          .resideInAPackage("io.aiopslab.tasks.task")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.aiopslab.tasks.task",
              "java..",
              "org.jspecify..",
              "com.fasterxml.jackson.annotation..",
              "tools.jackson.databind..");

  private static ArchRule servesAlone(String service, String other, String another) {
    return noClasses()
        .that()
        .resideInAPackage("io.aiopslab.tasks." + service + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.aiopslab.tasks." + other + "..",
            "io.aiopslab.tasks." + another + "..",
            "io.aiopslab.tasks.standalone..");
  }

  /** In a build of all modules, the test fixtures come as a jar. */
  static final class NoTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }
}
