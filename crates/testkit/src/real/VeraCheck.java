// Asks veraPDF about files: `VeraCheck <profiles> <list>`, the profiles with commas ("2a,ua1"), the list with a file a
// line. Says a line for each file and profile: "ok" or "bad", profile, file, and of what is bad the clauses.

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;

import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

public class VeraCheck {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        List<String> files = Files.readAllLines(Path.of(arguments[1]));
        try (var pool = new Closing(Runtime.getRuntime().availableProcessors())) {
            for (String file : files) {
                for (String profile : arguments[0].split(",")) {
                    pool.service.submit(() -> System.out.println(check(profile, file)));
                }
            }
        }
    }

    static String check(String profile, String file) {
        String what = " " + profile + " " + file;
        var flavour = PDFAFlavour.byFlavourId(profile);
        try (var parser = Foundries.defaultInstance().createParser(new File(file), flavour)) {
            var result = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
            if (result.isCompliant()) {
                return "ok" + what;
            }
            Set<String> clauses = new TreeSet<>();
            for (TestAssertion found : result.getTestAssertions()) {
                if (found.getStatus() == TestAssertion.Status.FAILED) {
                    var rule = found.getRuleId();
                    clauses.add(rule.getClause() + "-" + rule.getTestNumber() + " " + found.getMessage());
                }
            }
            return "bad" + what + " " + String.join("; ", clauses).replace('\n', ' ');
        } catch (Exception why) {
            return "bad" + what + " " + why.toString().replace('\n', ' ');
        }
    }

    /// Ends when all that was given to it is done.
    record Closing(java.util.concurrent.ExecutorService service) implements AutoCloseable {
        Closing(int threads) {
            this(Executors.newFixedThreadPool(threads));
        }

        @Override
        public void close() throws InterruptedException {
            service.shutdown();
            service.awaitTermination(1, java.util.concurrent.TimeUnit.HOURS);
        }
    }
}
