// Package credentials is who may use the control plane: identities with access
// keys and policies, read from a file.
//
//	identities:
//	  - name: deployer
//	    account: "123456789012"
//	    keys:
//	      - id: AKIAEXAMPLE
//	        secret: a-long-random-text
//	    policies:
//	      - Version: "2012-10-17"
//	        Statement:
//	          - Effect: Allow
//	            Action: apigateway:*
//	            Resource: "*"
//
// A key may have a sessionToken, and expires, the time (RFC 3339) from which it
// is refused. An identity without policies may do nothing.
//
// File reads the file again when it changes, so that keys can be replaced while
// the program runs; a file that cannot be used leaves those before in force.
package credentials
