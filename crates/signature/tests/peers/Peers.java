// What BouncyCastle says of CMS files: one line each, "name verdict".
//
//   java -cp bcprov.jar:bcutil.jar:bcpkix.jar Peers.java CONTENT FILE...
//
// "intact": every signer's mathematics and digests hold; "not": those of one do not; "none": no signer; "unreadable".

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Collection;

import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

public class Peers {
    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        byte[] content = Files.readAllBytes(Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            Path file = Path.of(arguments[i]);
            System.out.println(file.getFileName() + " " + verdict(Files.readAllBytes(file), content));
        }
    }

    static String verdict(byte[] bytes, byte[] content) {
        CMSSignedData data;
        try {
            data = new CMSSignedData(bytes);
            if (data.getSignedContent() == null) {
                data = new CMSSignedData(new CMSProcessableByteArray(content), bytes);
            }
        } catch (Exception | StackOverflowError error) {
            return "unreadable";
        }
        Collection<SignerInformation> signers = data.getSignerInfos().getSigners();
        if (signers.isEmpty()) {
            return "none";
        }
        for (SignerInformation signer : signers) {
            if (!holds(data, signer)) {
                return "not";
            }
        }
        return "intact";
    }

    @SuppressWarnings("unchecked")
    static boolean holds(CMSSignedData data, SignerInformation signer) {
        try {
            Collection<X509CertificateHolder> found = data.getCertificates().getMatches(signer.getSID());
            if (found.isEmpty()) {
                return false;
            }
            X509CertificateHolder certificate = found.iterator().next();
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(certificate))) {
                return false;
            }
            if (signer.getUnsignedAttributes() != null
                    && signer.getUnsignedAttributes().get(CMSAttributes.counterSignature) != null) {
                for (SignerInformation counter : signer.getCounterSignatures().getSigners()) {
                    if (!holds(data, counter)) {
                        return false;
                    }
                }
            }
            return true;
        } catch (Exception error) {
            return false;
        }
    }
}
